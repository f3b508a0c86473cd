"""What the reader in examples/python refuses: golden archives of which a rule of docs/format.md, section 3, was broken,
every digest put right again."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tamper"))
from forge import archive_of, with_metadata  # noqa: E402
import aprender_reader  # noqa: E402
import aprender_rules  # noqa: E402

GOLDEN = Path(__file__).parent / "v2"
MEMBERS = {name: aprender_reader.members_of((GOLDEN / f"{name}.aprender").read_bytes())
           for name in ("ridge-f64", "ridge-f32", "classes-f64")}


def put(value, *path):
    """Sets a field; None takes it away."""
    def edit(metadata):
        owner = metadata
        for step in path[:-1]:
            owner = owner[step]
        if value is None:
            del owner[path[-1]]
        else:
            owner[path[-1]] = value
    return edit


def both(*edits):
    return lambda metadata: [edit(metadata) for edit in edits]


RULES = {
    "a version that is none": put("latest", "identity", "version"),
    "a name of 300 bytes": put("n" * 300, "identity", "name"),
    "no name": put(None, "identity", "name"),
    "an escape in the description": put("\x1b[2J", "identity", "description"),
    "a line feed in the name of a feature": put("a\nb", "inputs", "features", 0, "name"),
    "no provenance": put(None, "provenance"),
    "a range that is reversed": put({"min": 2.0, "max": 1.0}, "inputs", "features", 0, "range"),
    "a range without an end": put({"min": 2.0, "max": float("inf")}, "inputs", "features", 0, "range"),
    "a feature that may be missing": put(True, "inputs", "features", 0, "nullable"),
    "a feature of another dtype": put(1, "inputs", "features", 0, "dtype"),
    "two features of a name": put("rooms", "inputs", "features", 0, "name"),
    "a penalty below zero": put(-1.0, "estimator", "ridge", "alpha"),
    "a fit of other features": put(4, "fit", "n_features"),
    "no samples": put(None, "fit", "n_samples"),
    "an objective that is no number": put(float("nan"), "fit", "objective"),
    "a condition below zero": put(-1.0, "fit", "condition_estimate"),
    "a commit that is none": put("HEAD", "provenance", "code", "git_commit"),
    "a digest cut off": put(b"short", "provenance", "data", "sha256"),
    "a training of no length": put(-1.0, "provenance", "duration_seconds"),
    "annotations out of order": lambda m: m["provenance"]["annotations"].reverse(),
    "a metric that is no number": put(float("inf"), "provenance", "metrics", 0, "value"),
    "rows beyond 63 bits": put(1 << 63, "provenance", "data", "rows"),
    "two targets of a name": put(["y", "y"], "outputs", "targets"),
    "labels of a regression": put({"labels": [1, 2]}, "outputs", "integer_labels"),
    "a contract that is too loose": put(17, "numeric_contract", "max_ulp"),
    "too few probes": lambda m: m["numeric_contract"].update(probes=m["numeric_contract"]["probes"][:7]),
    "a level that nobody knows": put({"level": 5}, "compatibility"),
}


def verdict(archive):
    file = Path(sys.argv[1])
    file.write_bytes(archive)
    try:
        aprender_rules.StrictModel(file)
        return "accepted"
    except aprender_reader.Refused as refusal:
        return refusal.args[0]


def main():
    cases = [(what, "ridge-f64", edit, "inconsistent_metadata") for what, edit in RULES.items()]
    cases += [
        ("nothing", "ridge-f64", lambda m: None, "accepted"),
        ("text labels twice", "classes-f64", put(["a", "b", "b", "c"], "outputs", "text_labels", "labels"),
         "inconsistent_metadata"),
        ("another answer", "ridge-f64", put([1.0], "numeric_contract", "probes", 0, "scores"),
         "numeric_contract_broken"),
        ("inputs of another dtype than the tensors", "ridge-f32",
         both(put(2, "inputs", "dtype"), lambda m: [f.update(dtype=2) for f in m["inputs"]["features"]]),
         "wrong_tensors"),
    ]
    wrong = [f"{what}: {found}, expected {expected}" for what, name, edit, expected in cases
             if (found := verdict(archive_of(with_metadata(MEMBERS[name], edit)))) != expected]
    print(f"{len(cases)} archives, {len(wrong)} judged otherwise than expected")
    return "\n".join(wrong) or None


if __name__ == "__main__":
    sys.exit(main())
