"""Every way of tampering with an archive, and the error it deserves (docs/format.md, section 6)."""

import base64
import collections
import json
import os
import re
import struct
import zlib

import forge
from forge import (MANIFEST, METADATA, SIGNATURE, WEIGHTS, archive_of, container_of, manifest_of, members_of,
                   tensors_of, weights_of, with_bundle, with_metadata, with_weights)

FIVE_GIB = 5 << 30
OVERFLOWS_TO_TEN = [14 * 361 * 23, 39673147557917]  # times 8 bytes is 80 modulo 2^64


# forge: of a Victim (tamper.py) makes the bytes of an archive, or (archive, signature beside it), or a function that
# makes the file. options: of the commands that load it, the trusted keys in particular.
Row = collections.namedtuple("Row", "what forge code caught_by options", defaults=[lambda v: ()])


def trusted(what, make, code, caught_by, *options):
    """A row whose reader trusts the key of the signer."""
    return Row(what, make, code, caught_by, lambda v: v.trust(*options))


# The container.
def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def with_flipped_weight(v):
    members = v.members()
    return {**members, WEIGHTS: flipped(members[WEIGHTS], -3)}


def bit_flipped(v):
    """One bit of the archive, in a weight."""
    return flipped(v.plain, v.plain.index(v.members()[WEIGHTS][-16:]) + 5)


def prefixed(v):
    """Behind a shell script, with every offset that ZIP tools need moved along."""
    script = b"#!/bin/sh\nexec /tmp/payload\n".ljust(64, b"\n")  # keeps the alignment

    def move(match):
        return match[1] + struct.pack("<I", int.from_bytes(match[2], "little") + len(script))
    return script + re.sub(rb"(PK\x01\x02.{38}|PK\x05\x06.{12})(.{4})", move, v.plain, flags=re.S)


def compressed(v):
    members = v.members()
    plain = members[METADATA]
    deflate = zlib.compressobj(wbits=-15)
    members[METADATA] = deflate.compress(plain) + deflate.flush()
    return container_of(members, {METADATA: {"method": 8, "crc": zlib.crc32(plain), "size": len(plain)}})


def with_entry(v, name, data=b"payload", **lies):
    return container_of({**v.members(), name: data}, {name: lies})


def without(members, name):
    return {each: data for each, data in members.items() if each != name}


def lying(v, name, **lies):
    return container_of(v.members(), {name: lies})


def by_zip64(v):
    extra = struct.pack("<HHQQ", 1, 16, FIVE_GIB, FIVE_GIB)
    return lying(v, WEIGHTS, size=2**32 - 1, stored=2**32 - 1, version=45, extra=extra, central_extra=extra)


# The manifest.
def with_manifest(v, edit):
    members = v.members()
    return container_of({**members, MANIFEST: edit(members[MANIFEST])})


# Metadata and weights.
def with_raw_metadata(v, edit):
    members = v.members()
    return archive_of({**members, METADATA: edit(members[METADATA])})


def renamed(members):
    return with_metadata(members, lambda m: m["identity"].update(version="9.9.9"))


def features_exchanged(members):
    def exchange(m):
        first, second = m["inputs"]["features"][:2]
        first["name"], second["name"] = second["name"], first["name"]
    return with_metadata(members, exchange)


def weights_edited(members, weight=None):
    """The last coefficient or the intercept, and every digest of it."""
    header, data = tensors_of(members[WEIGHTS])
    value = struct.unpack("<d", data[-8:])[0] * (1 + 1e-9) if weight is None else weight
    return with_weights(members, weights_of(header, data[:-8] + struct.pack("<d", value)))


def with_header(v, **changes):
    """A tensor described in another way, here and in the metadata, and every digest of it."""
    members = v.members()
    header, data = tensors_of(members[WEIGHTS])
    header["coefficients"].update(changes)
    members[WEIGHTS] = weights_of(header, data)

    def announce(m):
        m["tensors"][0]["shape"] = header["coefficients"]["shape"]
    return archive_of(with_metadata(members, announce))


def with_header_length(v, length):
    members = v.members()
    return archive_of(with_weights(members, length.to_bytes(8, "little") + members[WEIGHTS][8:]))


def announced(v, features):
    """Metadata alone that announce a model of another size, consistently."""
    def announce(m):
        m["inputs"].update(n_features=features, features=[])
        m["fit"].update(n_features=features)
        m["tensors"][0]["shape"] = [features]
        for probe in m["numeric_contract"]["probes"]:
            probe.update(indices=[0], values=[1.0])
    return archive_of(with_metadata(v.members(), announce))


# Signatures.
def expired_certificate(key):
    """A certificate of the key, both of its dates moved to 2020: who trusts a key looks at the dates alone."""
    pem = forge.openssl("req", "-x509", "-new", "-key", f"{key}.pem", "-subj", "/CN=release", "-days", "1")
    der = base64.b64decode(re.search(rb"-----\n(.*)\n-----", pem, re.S)[1])
    der = re.sub(rb"\x17\x0d\d\d", b"\x17\x0d20", der, count=2)
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"


def stripped(v, **claims):
    members = v.members(embedded=True)
    del members[SIGNATURE]
    return archive_of(members, **claims)


def with_signature(v, edit):
    """The archive signed inside, with its bundle edited, which the manifest does not cover."""
    members = v.members(embedded=True)
    return container_of({**members, SIGNATURE: edit(members[SIGNATURE])})


def impersonated(v):
    """Signed by a stranger, who names the trusted key."""
    members = members_of(v.foreign)
    trusted_key = json.loads(v.signature)["verificationMaterial"]["publicKey"]
    signature = with_bundle(members[SIGNATURE], lambda b: b["verificationMaterial"].update(publicKey=trusted_key))
    return container_of({**members, SIGNATURE: signature})


def two_signatures(bundle):
    return with_bundle(bundle, lambda b: b["dsseEnvelope"]["signatures"].append(b["dsseEnvelope"]["signatures"][0]))


def logged(bundle):
    return with_bundle(bundle, lambda b: b["verificationMaterial"].update(tlogEntries=[{"logIndex": "1"}]))


def payload_edited(v):
    """The payload says what is there now: other weights."""
    members = v.members(embedded=True)
    edited = weights_edited(members)
    edited[MANIFEST] = manifest_of(edited)
    payload = forge.payload_of(members[SIGNATURE])
    for name in (MANIFEST, METADATA, WEIGHTS):
        payload = payload.replace(forge.sha256(members[name]).encode(), forge.sha256(edited[name]).encode())
    edited[SIGNATURE] = forge.with_payload(members[SIGNATURE], payload)
    return container_of(edited)


def with_entry_signed(v):
    members = v.members(embedded=True)
    signature = members.pop(SIGNATURE)
    return archive_of({**members, "ext/payload": b"payload", SIGNATURE: signature})


GROUPS = {
    "Bytes changed by a disk, a network or a tool": [
        Row("one bit of a weight flipped", bit_flipped, "malformed_container", "CRC-32"),
        Row("the same, CRC corrected", lambda v: container_of(with_flipped_weight(v)), "checksum_mismatch",
            "SHA-256 in the manifest"),
        Row("the same, CRC and manifest corrected", lambda v: archive_of(with_flipped_weight(v)),
            "inconsistent_metadata", "SHA-256 of the weights in the metadata"),
        Row("weights edited and every digest corrected", lambda v: archive_of(weights_edited(v.members())),
            "numeric_contract_broken", "the model's own answers: one weight 1e-9 off"),
        Row("a weight is NaN, every digest corrected", lambda v: archive_of(weights_edited(v.members(), float("nan"))),
            "non_finite", "every weight is finite; else every answer is NaN"),
        Row("weights of another model, every digest corrected",
            lambda v: archive_of(with_weights(v.members(), members_of(v.other)[WEIGHTS])),
            "numeric_contract_broken", "the model's own answers"),
        Row("cut off in the middle", lambda v: v.plain[: len(v.plain) // 2], "malformed_container", "end record"),
        Row("bytes appended", lambda v: v.plain + b"\0" * 512, "malformed_container", "end record: nothing behind it"),
        Row("prefix prepended: a shell script", prefixed, "malformed_container",
            "the first entry is at 0; ZIP tools open it"),
        Row("ZIP comment", lambda v: v.plain[:-2] + struct.pack("<H", 5) + b"hello", "malformed_container",
            "no comment: it could be an archive too"),
        Row("entry compressed", compressed, "malformed_container", "stored members only: no bombs"),
        Row("entry marked as encrypted", lambda v: lying(v, METADATA, flags=1), "malformed_container", "flags"),
        Row("not an archive but a pickle", lambda v: b"\x80\x04cposix\nsystem\n\x8c\x02id\x85R.", "malformed_container",
            "end record; else: code runs"),
    ],
    "Files and entries": [
        Row("symbolic link to a good archive", lambda v: lambda path: path.symlink_to(v.directory / "older.aprender"),
            "cannot_open", "links are not followed"),
        Row("a pipe", lambda v: os.mkfifo, "not_regular_file", "regular files only; else: waits for ever"),
        Row("entry added", lambda v: with_entry(v, "ext/payload"), "wrong_entries", "the manifest lists every entry"),
        Row("entry added that no directory lists", lambda v: with_entry(v, "ext/payload", listed=False),
            "malformed_container", "every byte is accounted for"),
        Row("entry added that leaves its folder", lambda v: with_entry(v, "ext/../../.bashrc"), "wrong_entries",
            "names that are one file name; else: unpacked over"),
        Row("entry twice", lambda v: container_of([*v.members().items(), (METADATA, b"")]), "wrong_entries",
            "names; else: two readers, two contents"),
        Row("entry is a symbolic link", lambda v: lying(v, WEIGHTS, attributes=0xA1FF0000), "wrong_entries",
            "attributes of a regular file"),
        Row("entry missing: the metadata", lambda v: container_of(without(v.members(), METADATA)), "wrong_entries",
            "names"),
    ],
    "Claims": [
        Row("manifest rewritten, with blanks", lambda v: with_manifest(v, lambda m: m.replace(b",", b", ")),
            "malformed_manifest", "one spelling for one value"),
        Row("duplicate JSON key", lambda v: with_manifest(v, lambda m: m[:-1] + b',"schema_version":2}'),
            "malformed_manifest", "one spelling; else: two parsers, two values"),
        Row("100,000 brackets for a manifest", lambda v: with_manifest(v, lambda m: b"[" * 100_000), "limit_exceeded",
            "at most 64 KiB; else: stack overflow"),
        Row("40,000 brackets for a manifest", lambda v: with_manifest(v, lambda m: b"[" * 40_000), "limit_exceeded",
            "at most 8 levels; else: stack overflow"),
        Row("schema from the future", lambda v: archive_of(v.members(), schema_version=3), "unsupported_version",
            "versions come before form"),
        Row("schema from the future, in another form",
            lambda v: archive_of(v.members(), schema_version=3, members={}, tensors=1.5), "unsupported_version",
            "versions come before form"),
        Row("feature from the future", lambda v: archive_of(v.members(), required_features=["quantised"]),
            "unsupported_feature", "unknown features are refused by name"),
        Row("unknown protobuf field", lambda v: with_raw_metadata(v, lambda m: m + b"\x98\x06\x01"),
            "malformed_metadata", "fields of the schema only"),
        Row("protobuf field twice", lambda v: with_raw_metadata(v, lambda m: m + b"\x08\x02"), "malformed_metadata",
            "one encoding; else: two parsers, two values"),
        Row("another version claimed, manifest corrected",
            lambda v: with_raw_metadata(v, lambda m: m.replace(b"\x052.0.0", b"\x059.9.9", 1)), "inconsistent_metadata",
            "the UUID follows from the content"),
        Row("a feature more claimed, every digest corrected",
            lambda v: archive_of(with_metadata(v.members(), lambda m: m["inputs"].update(n_features=11))),
            "inconsistent_metadata", "as many features as names"),
        Row("a negative error bound, every digest corrected",
            lambda v: archive_of(with_metadata(v.members(), lambda m: m["fit"].update(backward_error=-1.0))),
            "inconsistent_metadata", "ranges of the fit report"),
        Row("tensors of half precision, every digest corrected", lambda v: with_header(v, dtype="F16"),
            "malformed_safetensors", "F32 and F64 only"),
        Row("tensors that overlap, every digest corrected", lambda v: with_header(v, data_offsets=[8, 88]),
            "malformed_safetensors", "offsets without hole and overlap"),
    ],
    "5 GiB in a file of 4 KB": [
        Row("almost 4 GiB declared in both ZIP headers", lambda v: lying(v, WEIGHTS, size=2**32 - 2, stored=2**32 - 2),
            "malformed_container", "the bytes that are there"),
        Row("5 GiB declared by ZIP64", by_zip64, "malformed_container", "so many bytes are not there"),
        Row("5 GiB declared in the manifest",
            lambda v: with_manifest(v, lambda m: re.sub(rb"\d+}\]", b"%d}]" % FIVE_GIB, m)), "size_mismatch",
            "the bytes that are there"),
        Row("5 GiB of tensor header declared, every digest corrected", lambda v: with_header_length(v, FIVE_GIB - 8),
            "malformed_safetensors", "the bytes that are there"),
        Row("5 GiB of coefficients declared, every digest corrected",
            lambda v: with_header(v, shape=[FIVE_GIB // 8], data_offsets=[0, FIVE_GIB]), "malformed_safetensors",
            "the bytes that are there"),
        Row("a shape that overflows to the right size", lambda v: with_header(v, shape=OVERFLOWS_TO_TEN),
            "malformed_safetensors", "products without overflow of 64 bits"),
        Row("5 GiB of coefficients announced by the metadata alone", lambda v: announced(v, FIVE_GIB // 8),
            "wrong_tensors", "metadata against safetensors"),
        Row("5 GiB declared by a protobuf field",
            lambda v: with_raw_metadata(v, lambda m: m + b"\x5a" + forge.varint(FIVE_GIB)), "malformed_metadata",
            "the bytes that are there"),
        Row("a file of 20 GiB, all of it a hole", lambda v: lambda path: (path.touch(), os.truncate(path, 20 << 30)),
            "limit_exceeded", "size of the file, before it is read"),
    ],
    "Signatures, for a reader who trusts the key": [
        trusted("not signed", lambda v: v.plain, "unsigned_archive", "there must be a signature"),
        trusted("signature stripped", lambda v: stripped(v, required_features=["signature"]), "signature_stripped",
                "the manifest announces it"),
        trusted("signature stripped, manifest rewritten", stripped, "unsigned_archive", "there must be a signature"),
        trusted("signature that the manifest does not announce",
                lambda v: archive_of(v.members(embedded=True), required_features=[]), "wrong_entries",
                "announced or not there"),
        trusted("signature of another archive",
                lambda v: with_signature(v, lambda _: members_of(v.other_embedded)[SIGNATURE]), "signature_mismatch",
                "digests that were signed"),
        trusted("signature of another archive, beside it", lambda v: (v.plain, v.others_signature),
                "signature_mismatch", "digest that was signed"),
        trusted("signed by a foreign key", lambda v: v.foreign, "untrusted_key", "keys are pinned"),
        trusted("signed by a foreign key in the name of the trusted one", impersonated, "bad_signature", "ECDSA"),
        trusted("payload edited to fit edited weights", payload_edited, "bad_signature", "ECDSA"),
        trusted("two signatures in the bundle", lambda v: with_signature(v, two_signatures), "malformed_signature",
                "exactly one, so none is overlooked"),
        trusted("signature that is no bundle", lambda v: (v.plain, b"{}"), "malformed_signature", "form of the bundle"),
        trusted("signature of 100 KB", lambda v: (v.plain, b" " * 100_000), "limit_exceeded", "at most 64 KiB"),
        trusted("transparency log claimed", lambda v: with_signature(v, logged), "unsupported_feature",
                "nothing is believed that is not checked"),
        trusted("signed with the hash of another curve",
                lambda v: (v.plain, forge.signed_again(v.signature, f"{v.key}.pem", "sha512")), "wrong_curve",
                "the hash follows the curve"),
        Row("trusted key on the curve secp256k1", lambda v: (v.plain, v.signature), "wrong_curve",
            "P-256, P-384, P-521 only", lambda v: ("--trust", v.other_curve)),
        Row("expired certificate", lambda v: (v.plain, v.signature), "expired_key", "dates of the certificate",
            lambda v: ("--trust", v.certificate)),
        trusted("older signed version put back", lambda v: v.older, "version_too_old", "--minimum-version",
                "--minimum-version", "2.0.0"),
        trusted("entry added, manifest rewritten", with_entry_signed, "signature_mismatch", "names that were signed"),
        trusted("weights edited, every digest corrected",
                lambda v: archive_of(weights_edited(v.members(embedded=True))), "signature_mismatch",
                "digests that were signed"),
        trusted("names of two features exchanged, every digest corrected",
                lambda v: archive_of(features_exchanged(v.members(embedded=True))), "signature_mismatch",
                "the signature alone; else: wrong predictions"),
        trusted("another version claimed, every digest corrected",
                lambda v: (archive_of(renamed(v.members())), v.signature), "signature_mismatch",
                "the signature alone; else: no --minimum-version"),
    ],
}
