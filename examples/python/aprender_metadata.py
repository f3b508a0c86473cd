"""What docs/format.md, section 3, says of metadata.pb: read by the text of its schema, and held to every rule."""

import hashlib
import math
import re
import struct
from pathlib import Path

PROTO = Path(__file__).resolve().parents[2] / "proto" / "metadata.proto"

class Refused(Exception):
    """Its arguments: an error of docs/format.md, and what is wrong."""

def require(condition, code, what):
    if not condition:
        raise Refused(code, what)

def parsed(parse, data, code):
    try:
        return parse(data)
    except (ValueError, RecursionError) as error:
        raise Refused(code, error) from None

# The message.
FIXED = {"double": 1, "string": 2, "bytes": 2}  # wire types; all others are varints, or messages

def schema():
    """{message: {number: (name, type, label)}}; enums are messages without fields."""
    messages, stack = {}, []
    for line in (line.split("//")[0].strip() for line in PROTO.read_text().splitlines()):
        if opened := re.match(r"(message|enum|oneof) (\w+) {", line):
            stack.append(opened.groups())
            messages.setdefault(opened[2], {})
        elif line == "}":
            stack.pop()
        elif field := re.match(r"(?:(optional|repeated) )?(\w+) (\w+) = (\d+);", line):
            label = "optional" if stack[-1][0] == "oneof" else field[1]
            owner = [name for kind, name in stack if kind == "message"][-1]
            messages[owner][int(field[4])] = (field[3], field[2], label)
    return messages

SCHEMA = schema()

def varint(data, at):
    end = next((k for k in range(at, len(data)) if data[k] < 128), len(data))
    value = sum((byte & 127) << 7 * k for k, byte in enumerate(data[at : end + 1]))
    require(data[end:] and (end == at or data[end]) and end - at < 10 and value < 2**64, "malformed_metadata", "varint")
    return value, end + 1

def scalar(kind, data, at):
    if kind == "double":
        require(at + 8 <= len(data), "malformed_metadata", "cut off")
        return struct.unpack("<d", data[at : at + 8])[0], at + 8
    raw, at = varint(data, at)
    require(raw < {"bool": 2, "uint32": 1 << 32}.get(kind, 1 << 64), "malformed_metadata", f"{raw} as {kind}")
    return raw >> 1 ^ -(raw & 1) if kind == "sint64" else raw - (1 << 64) * (kind == "int64" and raw >> 63), at

def decode(message, data, depth=1):
    """{field: value} of the canonical encoding, and under "spans" where each field begins and ends."""
    bad, at, last = "malformed_metadata", 0, 0
    require(depth <= 16, "limit_exceeded", "nesting of metadata")
    values = {name: [] for name, _, label in SCHEMA[message].values() if label == "repeated"}
    values["spans"] = {}
    while at < len(data):
        start, (tag, at) = at, varint(data, at)
        require(tag >> 3 in SCHEMA[message], bad, f"unknown field {tag >> 3} of {message}")
        name, kind, label = SCHEMA[message][tag >> 3]
        delimited = bool(SCHEMA.get(kind)) or FIXED.get(kind) == 2
        require(tag & 7 == (2 if delimited or label == "repeated" else FIXED.get(kind, 0)), bad, f"type of {name}")
        require(tag >> 3 > last or tag >> 3 == last and delimited and label == "repeated", bad, f"order of {name}")
        last = tag >> 3
        if tag & 7 != 2:
            value, at = scalar(kind, data, at)
        else:
            size, at = varint(data, at)
            chunk, at = data[at : at + size], at + size
            require(at <= len(data), bad, f"{name} goes beyond its message")
            value, read = [], 0 if not delimited else size
            while read < size:
                number, read = scalar(kind, chunk, read)
                value.append(number)
            if delimited:
                value = (parsed(bytes.decode, chunk, bad) if kind == "string" else
                         chunk if kind == "bytes" else decode(kind, chunk, depth + 1))
        present = label == "optional" or delimited and (label or SCHEMA.get(kind)) or str(value) == "-0.0"
        require(value or present, bad, f"{name} has its default value")
        values[name] = values[name] + [value] if label == "repeated" and delimited else value
        values["spans"][name] = (start, at)
    return values

# The rules. Names are texts of one line and 1 to 256 bytes.
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
    return all(a < b for a, b in zip(values, values[1:]))

def check_metadata(data, weights):
    metadata, inconsistent = decode("Metadata", data), "inconsistent_metadata"
    missing = {"identity", "estimator", "inputs", "outputs", "provenance", "fit", "numeric_contract"} - set(metadata)
    require(not missing and len(metadata["estimator"]) == 2, inconsistent, f"no {missing}, or not one estimator")
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
        "weights_sha256": metadata.get("weights_sha256") == hashlib.sha256(weights).digest(),
        "identity": identity.get("name") and re.fullmatch(VERSION, identity.get("version", "")),
        f"uuid, which should be {uuid}": identity.get("uuid") == uuid,
        "estimator": finite(e.get("alpha", 0.0)) and 0 <= e.get("l1_ratio", 0.0) <= 1 and
                     (not classifier or finite(e.get("c", 0.0), 5e-324)) and
                     (not iterative or finite(e.get("tol", 0.0), 5e-324) and e.get("max_iter", 0) >= 1),
        "class_weights": ascend([w.get("label", 0) for w in class_weights]) and
                         all(finite(w.get("weight", 0.0)) for w in class_weights) and
                         not (class_weights and e.get("balanced")),
        "inputs": n >= 1 and len(names) in (0, n) and len(set(names)) == len(names) and "" not in names,
        "inputs.dtype": inputs.get("dtype") in (1, 2) and all(f.get("dtype") == inputs["dtype"] for f in features),
        "inputs.nullable": not any(f.get("nullable") for f in features),
        "inputs.range": all(math.isfinite(low) and finite(high, low) for low, high in ranges),
        "inputs.sha256": inputs.get("sha256") == hashlib.sha256(hashed).digest(),
        "outputs": len(labels) == classifier and len(set(outputs["targets"])) == len(outputs["targets"]) >= 1 and
                   (not classifier or len(outputs["targets"]) == 1),
        "labels": all(len(known) >= 2 and (ascend(known) if "integer_labels" in outputs else
                                           len(set(known)) == len(known)) for known in labels),
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
        require(holds, inconsistent, field)
    return metadata
