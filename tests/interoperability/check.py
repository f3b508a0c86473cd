"""What other programs make of archives (scripts/interoperability): a line for each archive, and at the end how often
aprender and the reader in Python agreed about tampered ones."""

import collections
import csv
import json
import math
import random
import subprocess
import sys
import zipfile
from pathlib import Path

out, aprender, newer_python = sys.argv[1:]
out = Path(out)
root = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(out), str(root / "tests" / "tamper"), str(root / "examples" / "python")]
sys.dont_write_bytecode = True
import aprender_reader  # noqa: E402
import aprender_rules  # noqa: E402
import metadata_pb2  # noqa: E402
from forge import archive_of, container_of, with_metadata  # noqa: E402

data = root / "examples" / "data"
MODELS = {  # name: data, target, options of train, whether it is signed
    "linear": ("diabetes", "progression", ["--estimator", "linear"], False),
    "lasso-float": ("diabetes", "progression", ["--estimator", "lasso", "--alpha", "1", "--float32"], True),
    "ridge": ("diamonds", "price", ["--estimator", "ridge", "--alpha", "1"], False),
    "two-classes": ("breast_cancer", "diagnosis", ["--estimator", "logistic"], True),
    "ten-classes": ("digits", "digit", ["--estimator", "logistic"], False),
}
TAMPERED = 150  # of each member of each archive
RESEALED = 150  # of the metadata of each archive
SCALARS = {  # what a field of a type may be instead
    "double": [-1.0, -0.0, 0.5, 1e308, math.inf, math.nan, 5e-324],
    "string": ["", "latest", "1.0.0", "a\nb", "\x1b", "n" * 300, "\u00e9" * 128, "0" * 40],
    "bytes": [b"", b"short", bytes(32)],
    "bool": [False, True],
    "sint64": [-(1 << 63), -1, 0, 1],
}


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **options)


def must(*words):
    done = run(*words)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def by_unzip(archive, names):
    listed = must("unzip", "-Z1", archive).split()
    return listed == names and "No errors detected" in must("unzip", "-t", archive)


def by_zipfile(archive, names):
    with zipfile.ZipFile(archive) as container:
        return container.namelist() == names and container.testzip() is None


def by_safetensors(members, model):
    weights = out / "weights.safetensors"
    weights.write_bytes(members["weights.safetensors"])
    theirs = json.loads(must(newer_python, root / "tests" / "interoperability" / "safetensors_values.py", weights))
    ours = aprender_reader.read_weights(members["weights.safetensors"], model.metadata)
    return theirs == {name: ["F32" if model.single else "F64", shape, [v.hex() for v in values]]
                      for name, (shape, values) in ours.items()}


def by_protobuf(members, model):
    metadata = metadata_pb2.Metadata()
    metadata.ParseFromString(members["metadata.pb"])
    same = metadata.SerializeToString(deterministic=True) == members["metadata.pb"]
    return same and metadata.identity.uuid == model.metadata["identity"]["uuid"]


def share_of_bound(model, archive, name):
    """The largest difference between predictions of aprender and of the reader's command, as a share of what
    docs/format.md, section 5, allows for another order of summation."""
    rows = data / f"{name}.csv"
    options = ["--data", rows, *(["--proba"] if model.classes else [])]
    ours = must(aprender, "predict", archive, *options).splitlines()[1:]
    theirs = must(sys.executable, aprender_reader.__file__, archive, *options).splitlines()[1:]
    with open(rows, newline="") as file:
        samples = list(csv.DictReader(file))
    if not len(ours) == len(theirs) == len(samples):
        return math.inf
    u = 2.0**-24 if model.single else 2.0**-53
    gamma = (model.n + 2) * u / (1 - (model.n + 2) * u)
    features = [feature["name"] for feature in model.metadata["inputs"]["features"]]
    worst = 0.0
    for mine, other, sample in zip(ours, theirs, samples):
        x = [model.rounded(float(sample[feature])) for feature in features]
        bounds = [gamma * (sum(abs(w * v) for w, v in zip(row, x)) + abs(b)) for row, b in model.outputs]
        numbers = list(zip(map(float, mine.split(",")), map(float, other.split(",")), strict=True))
        if model.classes:
            d = max(bound + 4 * u * abs(s) for s, bound in zip(model.scores(x), bounds))
            allowed = [(math.expm1(2 * d) + (len(model.classes) + 16) * u) * p + 2.0**-126 for p, _ in numbers]
        else:
            allowed = [2 * bound for bound in bounds]
        worst = max([worst] + [abs(a - b) / most for (a, b), most in zip(numbers, allowed)])
    return worst


def tampered(members, which, generator):
    """One byte of a member changed, removed or added, under a manifest that is right about it."""
    members = dict(members)
    content = bytearray(members[which])
    at = generator.randrange(len(content))
    action = generator.randrange(4)
    if action == 0:
        del content[at]
    elif action == 1:
        content.insert(at, generator.randrange(256))
    else:
        content[at] ^= 1 << generator.randrange(8)
    members[which] = bytes(content)
    return container_of(members) if which == "manifest.json" else archive_of(members)


def places(message, values):
    """(owner, name, type, label) of every field that a message may have, and those within it."""
    for name, kind, label in aprender_reader.SCHEMA[message].values():
        yield values, name, kind, label
        inner = values[name] if label == "repeated" else [values[name]] if name in values else []
        for value in inner if aprender_reader.SCHEMA.get(kind) else ():
            yield from places(kind, value)


def resealed(members, generator):
    """A field of the metadata changed, removed, repeated or moved, and every digest and the UUID put right again."""
    def edit(metadata):
        owner, name, kind, label = generator.choice(list(places("Metadata", metadata)))
        integers = [0, 1, 2, 3, 1 << 31, (1 << 63) - 1, 1 << 63] if kind in ("uint64", "int64") else [0, 1, 2, 3]
        known = owner.get(name)
        if label == "repeated":
            if known and generator.randrange(2):
                generator.choice([known.reverse, known.clear, known.pop, lambda: known.append(known[0])])()
            elif known and not aprender_reader.SCHEMA.get(kind):
                known[generator.randrange(len(known))] = generator.choice(SCALARS.get(kind, integers))
        elif aprender_reader.SCHEMA.get(kind):
            if name not in ("identity", "inputs"):  # where digests are put right
                owner.pop(name, None)
        else:
            owner[name] = generator.choice(SCALARS.get(kind, integers))
            if label is None and not owner[name] and str(owner[name]) != "-0.0":
                del owner[name]  # a default is not written
    return archive_of(with_metadata(members, edit))


def verdict_of_reader(path):
    try:
        aprender_rules.StrictModel(path)
        return None
    except aprender_reader.Refused as refusal:
        return refusal.args[0]


def verdicts_of_aprender(paths):
    done = run(aprender, "verify", "--json", *paths)
    return [entry["code"] for entry in json.loads(done.stdout)]


def resealed_of(name, members, generator):
    """Files of resealed archives; the signature, which would not fit them, is left out."""
    unsigned = {which: data for which, data in members.items() if which != "signature.sigstore.json"}
    paths = [out / f"resealed-{number}-{name}.aprender" for number in range(RESEALED)]
    for path in paths:
        path.write_bytes(resealed(unsigned, generator))
    return paths


def disagreements(paths, counted):
    """What one of the two accepts and the other does not: a sentence each."""
    found = []
    for path, ours in zip(paths, verdicts_of_aprender(paths)):
        theirs = verdict_of_reader(path)
        counted["accepted" if ours is None is theirs else "same error" if ours == theirs else "other"] += 1
        if (ours is None) != (theirs is None):
            found.append(f"{path}: aprender says {ours or 'accepted'}, the reader {theirs or 'accepted'}")
        else:
            path.unlink()
    return found


def main():
    failures = []
    agreed, of_resealed = collections.Counter(), collections.Counter()
    generator = random.Random(20261123)
    print("archive        members  unzip  zipfile  safetensors  protobuf  reader  difference / bound")
    key = out / "key"
    for suffix in (".pem", ".pub.pem"):
        Path(f"{key}{suffix}").unlink(missing_ok=True)
    must(aprender, "keygen", key)
    for name, (source, target, options, signed) in MODELS.items():
        archive = out / f"{name}.aprender"
        must(aprender, "train", *options, "--data", data / f"{source}.csv", "--target", target, "--out", archive)
        if signed:
            must(aprender, "sign", archive, "--key", f"{key}.pem", "--embed")
        members = aprender_reader.members_of(archive.read_bytes())
        model = aprender_rules.StrictModel(archive)
        share = share_of_bound(model, archive, source)
        checks = [by_unzip(archive, list(members)), by_zipfile(archive, list(members)), by_safetensors(members, model),
                  by_protobuf(members, model), share <= 1]
        words = ["yes" if check else "NO" for check in checks]
        columns = "  ".join(f"{word:{width}}" for word, width in zip(words, (5, 7, 11, 8, 6)))
        print(f"{name:14} {len(members):7}  {columns}  {share:.3f}")
        failures += [] if all(checks) else [name]

        paths = []
        if container_of(members) != archive.read_bytes():
            failures.append(f"{name}: another writer makes other bytes")
        for which in ("manifest.json", "metadata.pb", "weights.safetensors"):
            for number in range(TAMPERED):
                paths.append(out / f"tampered-{number}-{which}.aprender")
                paths[-1].write_bytes(tampered(members, which, generator))
        failures += disagreements(resealed_of(name, members, generator), of_resealed)
        for path, ours in zip(paths, verdicts_of_aprender(paths)):
            theirs = verdict_of_reader(path)
            accepted = [who for who, answer in (("aprender", ours), ("the reader", theirs)) if answer is None]
            agreed[ours == theirs] += not accepted
            if accepted:
                failures.append(f"{path} is accepted by {' and '.join(accepted)}; it was {ours or theirs}")
            else:
                path.unlink()
    print(f"\ntampered with: {sum(agreed.values())} archives refused by both, "
          f"{agreed[True]} with the same error")
    print(f"resealed: {sum(of_resealed.values())} archives, of which both accept {of_resealed['accepted']} and refuse "
          f"{of_resealed['same error']} with the same error; {len(failures)} failures")
    return "\n".join(failures) or None


if __name__ == "__main__":
    sys.exit(main())
