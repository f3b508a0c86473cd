#!/usr/bin/env python3
"""An independent reader of .aprender archives: validates one and predicts with it.

Written from docs/format.md (whose sections it names) and proto/metadata.proto with the standard library alone, so that
it can be held against aprender. Under the default limits it checks every byte, digest, weight and answer, but neither
signatures (section 7) nor what values the description of a model may have: that is in aprender_rules.py.
"""

import argparse
import csv
import ctypes
import hashlib
import json
import math
import re
import struct
import sys
import zlib
from pathlib import Path

PROTO = Path(__file__).resolve().parents[2] / "proto" / "metadata.proto"
MOST = {b"manifest.json": 1 << 16, b"metadata.pb": 1 << 20, b"signature.sigstore.json": 1 << 16}  # bytes

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

# Section 1: the container, by writing what must be there and comparing, so that every byte is accounted for.
def members_of(file):
    low = lambda value: min(value, 0xFFFFFFFF)  # what 32 bits hold of it: the rest is in a field of ZIP64
    extra = lambda number, data: struct.pack("<HH", number, len(data)) + data if data else b""
    count, size, offset = struct.unpack("<HII", file[-12:-2].rjust(10, b"\0"))
    require(0xFFFF != count and 0xFFFFFFFF != size, "unsupported_feature", "ZIP64")
    offset = int.from_bytes(file[-50:-42], "little") if offset == 0xFFFFFFFF else offset
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, size, low(offset), 0)
    if offset >= 0xFFFFFFFF:
        end = struct.pack("<IQHHQQQQQIIQI", 0x06064B50, 44, 0x032D, 45, 0, count, count, size, offset,
                          0x07064B50, 0, offset + size, 1) + end
    require(file.endswith(end) and offset + size + len(end) == len(file), "malformed_container", "end record")
    require(count <= 32, "limit_exceeded", f"{count} entries")
    members, at, central = {}, 0, offset
    for _ in range(count):
        crc, _, stored, length = struct.unpack("<IIIH", file[central + 16 : central + 30].rjust(14, b"\0"))
        name, fields = file[central + 46 : central + 46 + length], file[central + 46 + length :][:12]
        stored = int.from_bytes(fields[4:], "little") if stored == 0xFFFFFFFF else stored
        sizes, place = (struct.pack("<Q", v) * n if v >= 0xFFFFFFFF else b"" for n, v in ((2, stored), (1, at)))
        version = 45 if sizes or place else 10
        common = struct.pack("<HHHHHIIIH", version, 0, 0, 0, 0x21, crc, low(stored), low(stored), length)
        header = struct.pack("<IH", 0x02014B50, 0x0300 + version) + common + struct.pack(
            "<HHHHII", len(extra(1, sizes + place)), 0, 0, 0, 0x81A40000, low(at)) + name + extra(1, sizes + place)
        require(file[central : central + len(header)] == header, "malformed_container", f"central header of {name!r}")
        central += len(header)
        gap = -(at + 30 + length + len(extra(1, sizes))) % 64 if name == b"weights.safetensors" else 0
        field = extra(1, sizes) + (struct.pack("<HH", 0xD935, (gap - 4) % 64) + bytes((gap - 4) % 64) if gap else b"")
        local = struct.pack("<I", 0x04034B50) + common + struct.pack("<H", len(field)) + name + field
        require(file[at : at + len(local)] == local, "malformed_container", f"local header of {name!r}")
        at += len(local) + stored
        members[name] = file[at - stored : at]
        require(at <= offset and zlib.crc32(members[name]) == crc, "malformed_container", f"data of {name!r}")
    names = list(members)
    require(at == offset and central == len(file) - len(end), "malformed_container", "bytes that belong to no entry")
    inner = names[3:-1] if names[-1:] == [b"signature.sigstore.json"] else names[3:]
    require(len(names) == count and names[:3] == [b"manifest.json", b"metadata.pb", b"weights.safetensors"] and
            inner == sorted(inner) and all(re.fullmatch(rb"ext/[a-z0-9_][a-z0-9_.-]*", name) for name in inner),
            "wrong_entries", f"{names}")
    require(all(len(name) <= 256 and len(data) <= MOST.get(name, len(data)) for name, data in members.items()),
            "limit_exceeded", f"{names}")
    return {name.decode(): data for name, data in members.items()}

# Section 2: the manifest.
def canonical(value):
    return json.dumps(value, separators=(",", ":")).encode()

def check_manifest(members):
    manifest = parsed(json.loads, members["manifest.json"], "malformed_manifest")
    require(isinstance(manifest, dict) and manifest.get("format") == "aprender", "malformed_manifest", "not aprender's")
    versions = [manifest.get(key) for key in ("schema_version", "min_reader_version")]
    require(versions == [2, 2], "unsupported_version", f"schema and reader {versions}")
    features, signed = manifest.get("required_features"), "signature.sigstore.json" in members
    require(features in ([], ["signature"]), "unsupported_feature", f"{features}")
    require(signed or not features, "signature_stripped", "the signature that the manifest announces is gone")
    require(features or not signed, "wrong_entries", "a signature that the manifest does not announce")
    actual = [{"name": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
              for name, data in members.items() if name not in ("manifest.json", "signature.sigstore.json")]
    listed = manifest.get("members")
    same = {"format": "aprender", "hash": "sha256", "members": listed, "min_reader_version": 2,
            "required_features": features, "schema_version": 2}
    require(canonical(same) == members["manifest.json"] and isinstance(listed, list) and
            all(isinstance(m, dict) and set(m) == set(actual[0]) and type(m["size"]) is int for m in listed),
            "malformed_manifest", "another form")
    for key, code in (("name", "wrong_entries"), ("size", "size_mismatch"), ("sha256", "checksum_mismatch")):
        require([m[key] for m in listed] == [m[key] for m in actual], code, f"of {[m[key] for m in listed]}")
    return hashlib.sha256(members["manifest.json"]).hexdigest()

# Section 3: the message of the metadata, read by the text of its schema.
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
    values = {"spans": {}} | {name: [] for name, _, label in SCHEMA[message].values() if label == "repeated"}
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

def read_metadata(data, weights):
    metadata, bad = decode("Metadata", data), "inconsistent_metadata"
    missing = {"identity", "estimator", "inputs", "outputs", "provenance", "fit", "numeric_contract"} - set(metadata)
    require(not missing and len(metadata["estimator"]) == 2, bad, f"no {missing}, or not one estimator")
    inputs, outputs = metadata["inputs"], metadata["outputs"]
    require(metadata.get("weights_sha256") == hashlib.sha256(weights).digest() and inputs.get("n_features", 0) >= 1 and
            len(inputs["features"]) in (0, inputs["n_features"]) and inputs.get("dtype") in (1, 2), bad, "inputs")
    labels = [outputs[k]["labels"] for k in ("integer_labels", "text_labels") if k in outputs]
    require(len(labels) == ("logistic_regression" in metadata["estimator"]) and
            all(len(known) >= 2 for known in labels), bad, "labels")
    return metadata

# Section 4: the weights.
def read_weights(data, metadata):
    bad, length = "malformed_safetensors", int.from_bytes(data[:8], "little")
    require(length <= 1 << 20, "limit_exceeded", "length of the header")
    padded = data[8 : 8 + length]
    require(len(padded) == length, bad, "length of the header")
    header = parsed(json.loads, padded, bad)
    text = canonical(header)
    require(isinstance(header, dict) and padded == text + b" " * ((56 - len(text)) % 64), bad, "another form")
    tensors, at = {}, 0
    for name, entry in header.items():
        require(re.fullmatch(r"[A-Za-z_][A-Za-z_0-9.]*", name) and name != "__metadata__", bad, name)
        require(isinstance(entry, dict) and list(entry) == ["dtype", "shape", "data_offsets"] and
                entry["dtype"] in ("F32", "F64") and isinstance(entry["shape"], list) and
                all(type(size) is int and 0 <= size for size in entry["shape"]), bad, f"description of {name}")
        end = at + (count := math.prod(entry["shape"])) * int(entry["dtype"][1:]) // 8
        require(canonical(entry["data_offsets"]) == canonical([at, end]) and 8 + length + end <= len(data),
                bad, f"offsets of {name}")
        numbers = struct.unpack(f"<{count}{'fd'[entry['dtype'] == 'F64']}", data[8 + length + at : 8 + length + end])
        require(all(map(math.isfinite, numbers)), "non_finite", name)
        tensors[name], at = (entry["shape"], numbers), end
    require(list(header) == sorted(header) and 8 + length + at == len(data), bad, "order, or bytes behind the last")
    declared = [(t.get("name"), t.get("dtype"), t["shape"]) for t in metadata["tensors"]]
    require(declared == [(k, 1 + (v["dtype"] == "F64"), v["shape"]) for k, v in header.items()]
            and sorted(header) == ["coefficients", "intercept"], "wrong_tensors", f"{declared}")
    return tensors

# Section 5: what the model answers: x W' + b, and for classifiers the probabilities of the classes.
class Model:
    def __init__(self, path, read_metadata=read_metadata):
        members = members_of(Path(path).read_bytes())
        self.archive_id = check_manifest(members)
        self.metadata = read_metadata(members["metadata.pb"], members["weights.safetensors"])
        (shape, flat), (_, intercept) = read_weights(members["weights.safetensors"], self.metadata).values()
        self.n = n = self.metadata["inputs"]["n_features"]
        require(shape[-1:] == [n] and len(flat) == n * len(intercept), "wrong_tensors", f"shape {shape}")
        self.outputs = [(flat[k * n : (k + 1) * n], b) for k, b in enumerate(intercept)]
        meaning, dtype = self.metadata["outputs"], self.metadata["inputs"]["dtype"]
        require(all(t["dtype"] == dtype for t in self.metadata["tensors"]), "wrong_tensors", "dtype")
        self.single = dtype == 1
        self.classes = next((meaning[k]["labels"] for k in ("integer_labels", "text_labels") if k in meaning), None)
        count = len(meaning["targets"]) if self.classes is None else len(self.classes) if len(self.classes) > 2 else 1
        require(len(intercept) == count and len(shape) == (1 if count == 1 and len(shape) == 1 else 2),
                "wrong_tensors", f"{count} outputs")
        self.check_contract()

    def rounded(self, value):
        return ctypes.c_float(value).value if self.single else value

    def scores(self, x):
        return [self.rounded(math.fsum([w * v for w, v in zip(row, x)] + [b])) for row, b in self.outputs]

    def probabilities(self, scores):
        exponents = [-scores[0], 0.0] if len(scores) == 1 else scores
        powers = [math.exp(e - max(exponents)) for e in exponents]
        return [self.rounded(p / math.fsum(powers)) for p in powers]

    def place(self, value):  # of a number among those of its dtype
        bits = struct.unpack("<i", struct.pack("<f", value)) if self.single else struct.unpack(
            "<q", struct.pack("<d", value))
        return bits[0] if bits[0] >= 0 else -(bits[0] & (1 << (31 if self.single else 63)) - 1)

    def accepts(self, actual, expected, bound):
        most = self.metadata["numeric_contract"].get("max_ulp", 0)
        return math.isfinite(actual) and (abs(self.place(actual) - self.place(expected)) <= most or
                                          abs(actual - expected) <= bound)

    def check_contract(self):
        contract, bad, n = self.metadata["numeric_contract"], "inconsistent_metadata", self.n
        require(8 <= len(contract["probes"]) <= 32 and contract.get("max_ulp", 0) <= 16, bad, "probes")
        u, smallest, normal = (2.0**-24, 2.0**-149, 2.0**-126) if self.single else (2.0**-53, 5e-324, 2.0**-1022)
        for number, probe in enumerate(contract["probes"]):
            x, places, what = probe["values"], probe["indices"], f"probe {number}"
            dense = len(x) == n and not places
            require(dense or len(x) == len(places) and places == [j for j in sorted({*places}) if j < n], bad, what)
            require(all(math.isfinite(v) and self.rounded(v) == v for v in x + probe["scores"]) and
                    len(probe["scores"]) == len(self.outputs) and all(0 <= p <= 1 for p in probe["probabilities"]) and
                    len(probe["probabilities"]) == len(self.classes or ()), bad, what)
            entries = dict(zip(range(n) if dense else places, x))
            x = [entries.get(j, 0.0) for j in range(n)]
            scores, m = self.scores(x), len(x) - x.count(0.0)
            gamma = (m + 2) * u / (1 - (m + 2) * u) if (m + 2) * u < 1 else 0.0
            bounds = [gamma * (math.fsum(abs(w * v) for w, v in zip(row, x)) + abs(b)) + m * smallest
                      for row, b in self.outputs]
            answers = list(zip(scores, probe["scores"], bounds))
            if self.classes:
                d = max(bound + 4 * u * abs(s) for _, s, bound in answers)
                share = math.expm1(min(2 * d, 700.0)) + (len(self.classes) + 16) * u
                answers += [(a, p, share * (p + normal) + normal)
                            for a, p in zip(self.probabilities(scores), probe["probabilities"])]
            require(all(self.accepts(*answer) for answer in answers), "numeric_contract_broken", what)

# The command.
def main(model_of=Model):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive")
    parser.add_argument("--data", help="CSV file of rows to predict, with a header")
    parser.add_argument("--proba", action="store_true", help="probabilities instead of labels")
    options = parser.parse_args()
    try:
        model = model_of(options.archive)
    except Refused as refusal:
        return "{}: {}: {}".format(options.archive, *refusal.args)
    if not options.data:
        return print("{name} {version}".format(**model.metadata["identity"]), "archive id", model.archive_id)
    with open(options.data, newline="") as file:
        header, *rows = csv.reader(file)
    places = [header.index(f["name"]) for f in model.metadata["inputs"]["features"]] or range(model.n)
    outputs = [f"probability_{c}" for c in model.classes] if options.proba else model.metadata["outputs"]["targets"]
    print(",".join(outputs))
    for row in rows:
        scores = model.scores([model.rounded(float(row[j])) for j in places])
        best = scores[0] > 0 if len(scores) == 1 else scores.index(max(scores))
        answer = model.probabilities(scores) if options.proba else [model.classes[best]] if model.classes else scores
        print(",".join(f"{v:.9g}" if model.single and isinstance(v, float) else str(v) for v in answer))

if __name__ == "__main__":
    sys.exit(main())
