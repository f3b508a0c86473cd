#!/usr/bin/env python3
"""The reader, held to every rule that docs/format.md, section 3, has for the values of metadata.pb."""

import hashlib
import math
import re
import sys

from aprender_reader import SCHEMA, Model, main, read_metadata, require, varint

# Names are texts of one line and 1 to 256 bytes.
NAMES = {"Identity.name", "Tensor.name", "Feature.name", "Outputs.targets", "TextLabels.labels", "Metric.name",
         "Dependency.name", "Annotation.key"}
WORD = r"(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)"
VERSION = rf"(?a)(0|[1-9]\d*)(\.(0|[1-9]\d*)){{2}}(-{WORD}(\.{WORD})*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"

def check_texts(message, values):
    for name, kind, label in SCHEMA[message].values():
        several = values[name] if label == "repeated" else [values[name]] if name in values else []
        for value in several if kind == "string" else ():
            bad = "[\0-\x1f\x7f]" if (field := f"{message}.{name}") in NAMES else "[\0-\x08\x0b-\x1f\x7f]"
            require(not re.search(bad, value) and (field not in NAMES or 1 <= len(value.encode()) <= 256),
                    "inconsistent_metadata", f"{field}: {value[:60]!r}")
        for value in several if SCHEMA.get(kind) else ():
            check_texts(kind, value)

def ascend(values):
    return values == sorted(set(values))

def checked_metadata(data, weights):
    metadata = read_metadata(data, weights)
    check_texts("Metadata", metadata)
    identity, inputs, outputs, source, fit = (
        metadata[part] for part in ("identity", "inputs", "outputs", "provenance", "fit"))
    begin = metadata["spans"]["identity"][0] + 1
    length, body = varint(data, begin)
    first, last = (body + place for place in identity["spans"].get("uuid", (0, 0)))
    size, prefix = length - (last - first), b""
    while size > 127:
        size, prefix = size >> 7, prefix + bytes([size & 127 | 128])
    nameless = data[:begin] + prefix + bytes([size]) + data[body:first] + data[last:]
    h = hashlib.sha256(nameless).hexdigest()
    uuid = f"{h[:8]}-{h[8:12]}-8{h[13:16]}-{'89ab'[ord(h[16]) % 4]}{h[17:20]}-{h[20:32]}"
    body = varint(data, metadata["spans"]["inputs"][0] + 1)[1]
    hashed = data[body : body + inputs["spans"].get("sha256", (0, 0))[0]]
    (kind, e), = ((k, v) for k, v in metadata["estimator"].items() if k != "spans")
    classifier, iterative = kind == "logistic_regression", kind not in ("linear_regression", "ridge")
    class_weights = e.get("class_weights", [])
    n, features = inputs.get("n_features", 0), inputs["features"]
    names = [feature.get("name", "") for feature in features]
    ranges = [(r.get("min", 0.0), r.get("max", 0.0)) for r in (f["range"] for f in features if "range" in f)]
    labels = [outputs[k]["labels"] for k in ("integer_labels", "text_labels") if k in outputs]
    sha256s = [v.get("sha256", b"") for v in [*source["dependencies"], *filter(None, [source.get("data")])]]
    counts = [n, e.get("max_iter", 0), *(source.get("data", {}).get(k, 0) for k in ("rows", "columns")),
              *(fit.get(k, 0) for k in ("n_samples", "n_features", "iterations", "rank"))]
    finite = lambda value, low=0.0: low <= value < math.inf
    certificates = [fit.get(k, 0.0) for k in ("duality_gap", "gradient_norm", "backward_error", "condition_estimate")]
    rules = {
        "schema_version": metadata.get("schema_version") == 2,
        "identity": identity.get("name") and re.fullmatch(VERSION, identity.get("version", "")),
        f"uuid, which should be {uuid}": identity.get("uuid") == uuid,
        "estimator": finite(e.get("alpha", 0.0)) and 0 <= e.get("l1_ratio", 0.0) <= 1 and
                     (not classifier or finite(e.get("c", 0.0), 5e-324)) and
                     (not iterative or finite(e.get("tol", 0.0), 5e-324) and e.get("max_iter", 0) >= 1),
        "class_weights": ascend([w.get("label", 0) for w in class_weights]) and
                         all(finite(w.get("weight", 0.0)) for w in class_weights) and
                         not (class_weights and e.get("balanced")),
        "inputs": len(set(names)) == len(names) and "" not in names,
        "inputs.dtype": all(f.get("dtype") == inputs["dtype"] for f in features),
        "inputs.nullable": not any(f.get("nullable") for f in features),
        "inputs.range": all(math.isfinite(low) and finite(high, low) for low, high in ranges),
        "inputs.sha256": inputs.get("sha256") == hashlib.sha256(hashed).digest(),
        "outputs": len(set(outputs["targets"])) == len(outputs["targets"]) >= 1 and
                   (not classifier or len(outputs["targets"]) == 1),
        "labels": all(ascend(known) if "integer_labels" in outputs else len(set(known)) == len(known)
                      for known in labels),
        "provenance": all(ascend([v.get(key, "") for v in source[field]]) and all(v.get(key) for v in source[field])
                          for field, key in (("annotations", "key"), ("dependencies", "name"), ("metrics", "name"))),
        "digests": all(len(digest) == 32 for digest in sha256s) and
                   re.fullmatch("([0-9a-f]{64})?", source.get("parent_archive_id", "")) and
                   ("code" not in source or
                    re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", source["code"].get("git_commit", ""))),
        "numbers": finite(source.get("duration_seconds", 0.0)) and finite(fit.get("tolerance", 0.0)) and
                   all(math.isfinite(metric.get("value", 0.0)) for metric in source["metrics"]),
        "fit": fit.get("n_features") == n and fit.get("n_samples", 0) >= 1 and fit.get("rank", 0) <= n and
               fit.get("fit_intercept") == e.get("fit_intercept") and not math.isnan(fit.get("objective", 0.0)),
        "fit's certificates": all(value >= 0 for value in certificates),
        "counts": all(count < 2**63 for count in counts),
        "compatibility": metadata.get("compatibility", {"level": 1}).get("level") in (1, 2, 3, 4),
    }
    for field, holds in rules.items():
        require(holds, "inconsistent_metadata", field)
    return metadata

class StrictModel(Model):
    def __init__(self, path):
        super().__init__(path, checked_metadata)
        (estimator,) = (v for k, v in self.metadata["estimator"].items() if k != "spans")
        require(not (estimator.get("positive") and any(w < 0 for row, _ in self.outputs for w in row)) and
                (estimator.get("fit_intercept") or not any(intercept for _, intercept in self.outputs)),
                "inconsistent_metadata", "signs or intercept")

if __name__ == "__main__":
    sys.exit(main(StrictModel))
