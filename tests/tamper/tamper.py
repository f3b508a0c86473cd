#!/usr/bin/env python3
"""Tampers with an archive in every way of a table, and holds what the command `aprender` says against it: each must be
refused, with the error that it deserves, and predict nothing. Exit status 1 if one is not."""

import argparse
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
import attacks  # noqa: E402
import forge  # noqa: E402
from forge import METADATA, WEIGHTS, members_of  # noqa: E402

DATA = Path(__file__).resolve().parents[2] / "examples" / "data" / "diabetes.csv"
SECONDS, MEGABYTES = 10, 512  # that no refusal may take

Verdict = collections.namedtuple("Verdict", "number what expected answered context caught_by refused")


class Command:
    """The command line `aprender`; remembers the most time and memory that a run of it took."""

    def __init__(self, program):
        self.program, self.seconds, self.megabytes = program, 0.0, 0.0

    def run(self, *words):
        start = time.monotonic()
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            process = subprocess.Popen([self.program, *map(str, words)], stdout=out, stderr=err)
            hangs = threading.Timer(60, process.kill)
            hangs.start()
            _, status, usage = os.wait4(process.pid, 0)
            hangs.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            self.seconds = max(self.seconds, time.monotonic() - start)
            self.megabytes = max(self.megabytes, usage.ru_maxrss / 1024)
            texts = [file.seek(0) or file.read() for file in (out, err)]
        return subprocess.CompletedProcess(process.args, process.returncode, *texts)

    def must(self, *words):
        done = self.run(*words)
        if done.returncode != 0:
            sys.exit(f"aprender {' '.join(map(str, words))} failed:\n{done.stdout}{done.stderr}")

    def verdict(self, archive, options):
        """(error, what it says) of an archive; no error if any command takes the archive."""
        verified = self.run("verify", "--json", archive, *options)
        predicted = self.run("predict", archive, "--data", DATA, *options)
        if verified.returncode == 0 or predicted.returncode == 0 or predicted.stdout:
            return None, "accepted"
        if verified.returncode != predicted.returncode:
            return "no error", f"exit codes {verified.returncode} of verify and {predicted.returncode} of predict"
        if verified.stdout:
            [only] = json.loads(verified.stdout)
            return only["code"], only["context"]
        said = re.search(r"\b([a-z]+(?:_[a-z0-9]+)+): (.*)", verified.stderr)  # of a key, before any archive is opened
        return said.groups() if said else ("no error", verified.stderr)


class Victim:
    """The honest archives of a signer, and what an attacker has of others: bytes by name, and files of keys."""

    def __init__(self, command, directory):
        self.directory = directory

        def trained(name, version, estimator, key, *embed):
            file = directory / f"{name}.aprender"
            command.must("train", "--estimator", *estimator, "--data", DATA, "--target", "progression",
                         "--name", "diabetes", "--version", version, "--out", file)
            command.must("sign", file, "--key", f"{key}.pem", *embed)
            return file.read_bytes()

        self.key, self.stranger = directory / "release", directory / "stranger"
        command.must("keygen", self.key)
        command.must("keygen", self.stranger)
        ridge, lasso = ("ridge", "--alpha", "1"), ("lasso", "--alpha", "1")
        self.plain = trained("signed-beside", "2.0.0", ridge, self.key)
        self.signature = self.beside("signed-beside")
        self.embedded = trained("signed-inside", "2.0.0", ridge, self.key, "--embed")
        self.older = trained("older", "1.0.0", ridge, self.key, "--embed")
        self.other = trained("other", "2.0.0", lasso, self.key)
        self.others_signature = self.beside("other")
        self.other_embedded = trained("other-inside", "2.0.0", lasso, self.key, "--embed")
        self.foreign = trained("foreign", "2.0.0", ridge, self.stranger, "--embed")
        self.certificate, self.other_curve = directory / "expired.pem", directory / "secp256k1.pub.pem"
        self.certificate.write_bytes(attacks.expired_certificate(self.key))
        secret = forge.openssl("ecparam", "-name", "secp256k1", "-genkey", "-noout")
        self.other_curve.write_bytes(forge.openssl("ec", "-pubout", stdin=secret))

    def beside(self, name):
        return (self.directory / f"{name}.aprender.sig").read_bytes()

    def members(self, embedded=False):
        return members_of(self.embedded if embedded else self.plain)

    def trust(self, *options):
        return "--trust", f"{self.key}.pub.pem", *options


def put(path, tampered):
    """Writes what an attack gave: the archive, or archive and signature, or a function that makes the file."""
    if callable(tampered):
        return tampered(path)
    archive, *signature = tampered if isinstance(tampered, tuple) else (tampered,)
    path.write_bytes(archive)
    for bundle in signature:
        Path(f"{path}.sig").write_bytes(bundle)


def attempt(command, victim, number, row):
    path = victim.directory / f"{number:02}.aprender"
    put(path, row.forge(victim))
    error, context = command.verdict(path, row.options(victim))
    if path.is_file() and path.stat().st_size > 1 << 20:
        path.unlink()  # a hole of 20 GiB
    return Verdict(number, row.what, row.code, error or "accepted", context, row.caught_by, error == row.code)


def check_honest(command, victim):
    """What was not tampered with is accepted, and put together again is the same: so the refusals prove something."""
    for name in ("signed-beside", "signed-inside", "older", "foreign"):
        for options in ((), victim.trust()) if name != "foreign" else ((),):
            archive = victim.directory / f"{name}.aprender"
            command.must("verify", archive, *options)
            command.must("predict", archive, "--data", DATA, *options)
    for archive in (victim.plain, victim.embedded):
        members = members_of(archive)
        metadata = forge.metadata_of(members)
        encoded = forge.encode("Metadata", metadata)
        if not (forge.container_of(members) == forge.archive_of(members) == archive and
                encoded == forge.sealed(metadata, members[WEIGHTS]) == members[METADATA]):
            sys.exit("an archive put together again is another one")


class Table:
    """Prints lines as they come, with colours on a terminal."""

    def __init__(self, silent):
        colourful = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        colours = ("\033[1m", "\033[32m", "\033[31m", "\033[0m") if colourful else [""] * 4
        self.bold, self.green, self.red, self.plain = colours
        self.print = (lambda text: None) if silent else (lambda text: print(text, flush=True))

    def title(self, text):
        self.print(f"\n{self.bold}{text}{self.plain}")

    def line(self, verdict):
        colour = self.green if verdict.refused else self.red
        expected = "" if verdict.refused else f"{self.red}  EXPECTED {verdict.expected}{self.plain}"
        self.print(f"{verdict.number:2}  {verdict.what:56}  {colour}{verdict.answered:23}{self.plain}  "
                   f"{verdict.caught_by}{expected}")


def work(command, directory, groups, table):
    """(verdicts, complaints) of a table of attacks."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    victim = Victim(command, directory)
    check_honest(command, victim)
    command.seconds, command.megabytes, verdicts = 0.0, 0.0, []
    for title, rows in groups.items():
        table.title(title)
        for row in rows:
            verdicts.append(attempt(command, victim, len(verdicts) + 1, row))
            table.line(verdicts[-1])
    complaints = [f"{v.number}: {v.what}: {v.answered}, expected {v.expected}" for v in verdicts if not v.refused]
    if command.seconds > SECONDS or command.megabytes > MEGABYTES:
        complaints.append("a refusal was slow, or took much memory")
    table.title(f"{sum(v.refused for v in verdicts)} of {len(verdicts)} refused as they should be, "
                f"none in more than {command.seconds:.2f} s or {command.megabytes:.0f} MB")
    return verdicts, complaints


def self_test(command, directory):
    """What must be noticed: an archive that is accepted, one refused for another reason."""
    planted = {"planted": [attacks.Row("nothing", lambda v: v.plain, "malformed_container", ""),
                           attacks.Row("a byte appended", lambda v: v.plain + b"x", "wrong_entries", "")]}
    _, complaints = work(command, directory, planted, Table(silent=True))
    expected = ["1: nothing: accepted, expected malformed_container",
                "2: a byte appended: malformed_container, expected wrong_entries"]
    return None if complaints == expected else f"expected the complaints {expected}, found {complaints}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("aprender", help="the command")
    parser.add_argument("directory", type=Path, help="for keys and archives; replaced")
    parser.add_argument("--json", action="store_true", help="print verdicts as JSON instead of a table")
    parser.add_argument("--self-test", action="store_true", help="check that an accepted archive is noticed")
    options = parser.parse_args()
    command = Command(options.aprender)
    if options.self_test:
        return self_test(command, options.directory)
    verdicts, complaints = work(command, options.directory, attacks.GROUPS, Table(options.json))
    if options.json:
        print(json.dumps({"verdicts": [v._asdict() for v in verdicts], "complaints": complaints}, indent=2))
    return "\n".join(complaints) or None


if __name__ == "__main__":
    sys.exit(main())
