"""Takes archives apart and puts them together again with lengths, checksums and digests that fit: what somebody does
who knows docs/format.md. Needs examples/python/aprender_reader.py, and the openssl command to sign."""

import base64
import hashlib
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples" / "python"))
from aprender_reader import SCHEMA, canonical, decode, members_of  # noqa: E402

MANIFEST, METADATA, WEIGHTS = "manifest.json", "metadata.pb", "weights.safetensors"
SIGNATURE = "signature.sigstore.json"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# Section 1: the container.
def container_of(members, lies=None):
    """A file of these members, {name: data} or pairs. Whatever `lies` says, {name: {field: value}}, stands in both
    headers of a member instead of the truth; a member that is not "listed" has no central header."""
    local = central = b""
    listed = 0
    for name, data in members.items() if isinstance(members, dict) else members:
        gap = -(len(local) + 30 + len(name)) % 64 if name == WEIGHTS else 0
        extra = gap + 64 if 0 < gap < 4 else gap
        field = {"flags": 0, "method": 0, "crc": zlib.crc32(data), "stored": len(data), "size": len(data),
                 "extra": struct.pack("<HH", 0xD935, extra - 4) + bytes(extra - 4) if extra else b"",
                 "attributes": 0x81A40000, "listed": True, "version": 10, "central_extra": b"",
                 **(lies or {}).get(name, {})}
        common = struct.pack("<HHHHHIIIH", field["version"], field["flags"], field["method"], 0, 0x21, field["crc"],
                             field["stored"], field["size"], len(name))
        if field["listed"]:
            listed += 1
            central += struct.pack("<IH", 0x02014B50, 0x0300 + field["version"]) + common
            central += struct.pack("<HHHHII", len(field["central_extra"]), 0, 0, 0, field["attributes"], len(local))
            central += name.encode() + field["central_extra"]
        local += b"PK\x03\x04" + common + struct.pack("<H", len(field["extra"])) + name.encode() + field["extra"] + data
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, listed, listed, len(central), len(local), 0)
    return local + central + end


# Section 2: the manifest.
def manifest_of(members, /, **claims):
    """The manifest that is right about these members but for the claims."""
    listed = [{"name": name, "sha256": sha256(data), "size": len(data)}
              for name, data in members.items() if name not in (MANIFEST, SIGNATURE)]
    truth = {"format": "aprender", "hash": "sha256", "members": listed, "min_reader_version": 2,
             "required_features": ["signature"] if SIGNATURE in members else [], "schema_version": 2}
    return canonical({**truth, **claims})


def archive_of(members, /, **claims):
    """The archive of these members under a manifest that is right about them but for the claims."""
    return container_of({**members, MANIFEST: manifest_of(members, **claims)})


# Section 3: the metadata.
def varint(value):
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)


def scalar(kind, value):
    if kind == "double":
        return struct.pack("<d", value)
    return varint((value << 1 ^ value >> 63 if kind == "sint64" else value) % (1 << 64))


def encode(message, values):
    """What aprender_reader.decode reads as these values."""
    out = b""
    for number, (name, kind, label) in sorted(SCHEMA[message].items()):
        many = values.get(name, []) if label == "repeated" else [values[name]] if name in values else []
        delimited = SCHEMA.get(kind) or kind in ("string", "bytes")
        if not delimited and label != "repeated":
            out += b"".join(varint(number << 3 | (kind == "double")) + scalar(kind, value) for value in many)
            continue
        chunks = [encode(kind, value) if SCHEMA.get(kind) else value.encode() if kind == "string" else value
                  for value in many] if delimited else [b"".join(scalar(kind, value) for value in many)] if many else []
        out += b"".join(varint(number << 3 | 2) + varint(len(chunk)) + chunk for chunk in chunks)
    return out


def metadata_of(members):
    return decode("Metadata", members[METADATA])


def sealed(metadata, weights):
    """The encoded metadata with every digest in them, and the UUID, following from the rest."""
    metadata = {**metadata, "weights_sha256": hashlib.sha256(weights).digest(), "inputs": dict(metadata["inputs"]),
                "identity": {key: text for key, text in metadata["identity"].items() if key != "uuid"}}
    metadata["inputs"].pop("sha256", None)
    metadata["inputs"]["sha256"] = hashlib.sha256(encode("Inputs", metadata["inputs"])).digest()
    h = sha256(encode("Metadata", metadata))
    metadata["identity"]["uuid"] = f"{h[:8]}-{h[8:12]}-8{h[13:16]}-{'89ab'[ord(h[16]) % 4]}{h[17:20]}-{h[20:32]}"
    return encode("Metadata", metadata)


def with_metadata(members, edit):
    """The members with metadata that `edit` has changed and every digest follows."""
    metadata = metadata_of(members)
    edit(metadata)
    return {**members, METADATA: sealed(metadata, members[WEIGHTS])}


# Section 4: the weights.
def tensors_of(weights):
    """The header as a dictionary, and the data."""
    length = int.from_bytes(weights[:8], "little")
    return json.loads(weights[8 : 8 + length]), weights[8 + length :]


def weights_of(header, data):
    text = canonical(header)
    text += b" " * (-(8 + len(text)) % 64)
    return len(text).to_bytes(8, "little") + text + data


def with_weights(members, weights):
    """The members with other weights, and metadata whose every digest follows."""
    return {**members, WEIGHTS: weights, METADATA: sealed(metadata_of(members), weights)}


# Section 7: signatures.
def openssl(*words, stdin=None):
    return subprocess.run(["openssl", *map(str, words)], input=stdin, capture_output=True, check=True).stdout


def with_bundle(bundle, edit):
    """The bundle with what `edit` has changed."""
    value = json.loads(bundle)
    edit(value)
    return json.dumps(value).encode()


def payload_of(bundle):
    return base64.b64decode(json.loads(bundle)["dsseEnvelope"]["payload"])


def with_payload(bundle, payload):
    """The bundle with another payload under the signature of the first."""
    return with_bundle(bundle, lambda b: b["dsseEnvelope"].update(payload=base64.b64encode(payload).decode()))


def signed_again(bundle, key, digest):
    """The bundle with its payload signed by the private key in a file, with a hash of the caller's choice."""
    payload = payload_of(bundle)
    message = b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(payload), payload)
    signature = base64.b64encode(openssl("dgst", f"-{digest}", "-sign", key, stdin=message)).decode()
    return with_bundle(bundle, lambda b: b["dsseEnvelope"].update(signatures=[{"sig": signature, "keyid": ""}]))
