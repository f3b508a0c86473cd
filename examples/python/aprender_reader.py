#!/usr/bin/env python3
"""An independent reader of .aprender archives: validates one and predicts with it.

Written from docs/format.md (whose sections it names) and proto/metadata.proto with the standard library alone, so that
it can be held against aprender. It checks everything but signatures.
"""

import argparse
import csv
import hashlib
import json
import math
import re
import struct
import sys
import zlib
from pathlib import Path

PROTO = Path(__file__).resolve().parents[2] / "proto" / "metadata.proto"

class Refused(Exception):
    """Its arguments: an error of docs/format.md, and what is wrong."""

def require(condition, code, what):
    if not condition:
        raise Refused(code, what)

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
    return {name.decode(): data for name, data in members.items()}

# Section 2: the manifest.
def canonical(value):
    return json.dumps(value, separators=(",", ":")).encode()

def parsed(parse, data, code):
    try:
        return parse(data)
    except (ValueError, RecursionError) as error:
        raise Refused(code, error) from None

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
            all(isinstance(m, dict) and set(m) == set(actual[0]) for m in listed), "malformed_manifest", "another form")
    for key, code in (("name", "wrong_entries"), ("size", "size_mismatch"), ("sha256", "checksum_mismatch")):
        require([m[key] for m in listed] == [m[key] for m in actual], code, f"of {[m[key] for m in listed]}")
    return hashlib.sha256(members["manifest.json"]).hexdigest()

# Section 3: the metadata, by the text of its schema.
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

def check_metadata(data, weights):
    metadata, inconsistent = decode("Metadata", data), "inconsistent_metadata"
    missing = {"identity", "estimator", "inputs", "outputs", "fit", "numeric_contract"} - set(metadata)
    require(not missing, inconsistent, f"no {missing}")
    require(metadata.get("schema_version") == 2, inconsistent, "schema_version")
    require(metadata.get("weights_sha256") == hashlib.sha256(weights).digest(), inconsistent, "weights_sha256")
    require(len(metadata["estimator"]) == 2, inconsistent, "not one estimator")
    identity, inputs = metadata["identity"], metadata["inputs"]
    begin = metadata["spans"]["identity"][0] + 1
    length, body = varint(data, begin)
    first, last = (body + place for place in identity["spans"].get("uuid", (0, 0)))
    size, prefix = length - (last - first), b""
    while size > 127:
        size, prefix = size >> 7, prefix + bytes([size & 127 | 128])
    nameless = data[:begin] + prefix + bytes([size]) + data[body:first] + data[last:]
    h = hashlib.sha256(nameless).hexdigest()
    uuid = f"{h[:8]}-{h[8:12]}-8{h[13:16]}-{'89ab'[ord(h[16]) % 4]}{h[17:20]}-{h[20:32]}"
    require(identity.get("uuid") == uuid, inconsistent, f"uuid, which should be {uuid}")
    body = varint(data, metadata["spans"]["inputs"][0] + 1)[1]
    hashed = data[body : body + inputs["spans"].get("sha256", (0, 0))[0]]
    require(inputs.get("sha256") == hashlib.sha256(hashed).digest(), inconsistent, "inputs.sha256")
    n, names = inputs.get("n_features", 0), [feature.get("name", "") for feature in inputs["features"]]
    require(n >= 1 and len(names) in (0, n) and len(set(names)) == len(names), inconsistent, "inputs")
    require(metadata["fit"].get("n_features") == n, inconsistent, "fit.n_features")
    return metadata

# Section 4: the weights.
def read_weights(data, metadata):
    bad, length = "malformed_safetensors", int.from_bytes(data[:8], "little")
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
        require(entry["data_offsets"] == [at, end] and 8 + length + end <= len(data), bad, f"offsets of {name}")
        numbers = struct.unpack(f"<{count}{'fd'[entry['dtype'] == 'F64']}", data[8 + length + at : 8 + length + end])
        require(all(map(math.isfinite, numbers)), "non_finite", name)
        tensors[name], at = (entry["shape"], numbers), end
    require(list(header) == sorted(header) and 8 + length + at == len(data), bad, "order, or bytes behind the last")
    declared = [(t["name"], t["dtype"], t["shape"]) for t in metadata["tensors"]]
    require(declared == [(k, 1 + (v["dtype"] == "F64"), v["shape"]) for k, v in header.items()]
            and sorted(header) == ["coefficients", "intercept"], "wrong_tensors", f"{declared}")
    return tensors

# Section 5: what the model answers: x W' + b, and for classifiers the probabilities of the classes.
class Model:
    def __init__(self, path):
        members = members_of(Path(path).read_bytes())
        self.archive_id = check_manifest(members)
        self.metadata = check_metadata(members["metadata.pb"], members["weights.safetensors"])
        tensors = read_weights(members["weights.safetensors"], self.metadata)
        (shape, flat), (_, intercept) = tensors["coefficients"], tensors["intercept"]
        self.n = n = self.metadata["inputs"]["n_features"]
        require(shape[-1:] == [n] and len(flat) == n * len(intercept), "wrong_tensors", f"shape {shape}")
        self.outputs = [(flat[k * n : (k + 1) * n], b) for k, b in enumerate(intercept)]
        self.single = self.metadata["inputs"].get("dtype") == 1
        meaning = self.metadata["outputs"]
        self.classes = next((meaning[k]["labels"] for k in ("integer_labels", "text_labels") if k in meaning), None)
        regression = "logistic_regression" not in self.metadata["estimator"]
        require(regression == (self.classes is None), "inconsistent_metadata", "labels")
        self.check_contract()

    def rounded(self, value):
        return struct.unpack("<f", struct.pack("<f", value))[0] if self.single else value

    def scores(self, x):
        return [self.rounded(math.fsum([w * v for w, v in zip(row, x)] + [b])) for row, b in self.outputs]

    def probabilities(self, scores):
        exponents = [-scores[0], 0.0] if len(scores) == 1 else scores
        powers = [math.exp(e - max(exponents)) for e in exponents]
        return [self.rounded(p / math.fsum(powers)) for p in powers]

    def check_contract(self):
        contract = self.metadata["numeric_contract"]
        probes, broken = contract["probes"], "numeric_contract_broken"
        require(8 <= len(probes) <= 32 and contract.get("max_ulp", 0) <= 16, "inconsistent_metadata", "probes")
        u, smallest, normal = (2.0**-24, 2.0**-149, 2.0**-126) if self.single else (2.0**-53, 5e-324, 2.0**-1022)
        n = self.n
        for number, probe in enumerate(probes):
            x = probe["values"]
            if len(x) != n or probe["indices"]:
                require(max(probe["indices"], default=0) < n, "inconsistent_metadata", f"probe {number}")
                entries = dict(zip(probe["indices"], x))
                x = [entries.get(j, 0.0) for j in range(n)]
            scores = self.scores(x)
            m = len(x) - x.count(0.0)
            gamma = (m + 2) * u / (1 - (m + 2) * u) if (m + 2) * u < 1 else 0.0
            bounds = [gamma * (math.fsum(abs(w * v) for w, v in zip(row, x)) + abs(b)) + m * smallest
                      for row, b in self.outputs]
            require(len(probe["scores"]) == len(scores) and all(
                abs(s - e) <= max(bound, contract["max_ulp"] * 2 * u * abs(e))
                for s, e, bound in zip(scores, probe["scores"], bounds)), broken, f"probe {number}")
            if self.classes:
                d = max(bound + 4 * u * abs(s) for s, bound in zip(scores, bounds))
                share = math.expm1(min(2 * d, 700.0)) + (len(self.classes) + 16) * u
                require(len(probe["probabilities"]) == len(self.classes) and all(
                    abs(a - p) <= share * (p + normal) + normal for a, p in
                    zip(self.probabilities(scores), probe["probabilities"])), broken, f"probe {number}")

# The command.
def digits(value, single):  # the shortest that give the number back
    shorter = (f"{value:.{d}g}" for d in range(1, 10)) if single and isinstance(value, float) else ()
    return next((t for t in shorter if struct.pack("<f", float(t)) == struct.pack("<f", value)), str(value))

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive")
    parser.add_argument("--data", help="CSV file of rows to predict, with a header")
    parser.add_argument("--proba", action="store_true", help="probabilities instead of labels")
    options = parser.parse_args()
    try:
        model = Model(options.archive)
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
        answer = model.scores([model.rounded(float(row[j])) for j in places])
        answer = model.probabilities(answer) if options.proba else answer
        if model.classes and not options.proba:
            answer = [model.classes[answer[0] > 0 if len(answer) == 1 else answer.index(max(answer))]]
        print(",".join(digits(value, model.single) for value in answer))

if __name__ == "__main__":
    sys.exit(main())
