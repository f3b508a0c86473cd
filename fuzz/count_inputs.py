"""Counts the stored inputs of every fuzz target, each content once. Exit status 1 if there are fewer than 10,000, or if a
target of the build has no named cases or no packed ones."""

import hashlib
import re
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LEAST = 10_000


def contents(target):
    for directory in (ROOT / "corpus" / target, ROOT / "regressions" / target):
        yield from (path.read_bytes() for path in directory.glob("*") if path.is_file())
    with tarfile.open(ROOT / "corpus" / f"{target}.tar.xz") as packed:
        yield from (packed.extractfile(member).read() for member in packed if member.isfile())


def main():
    targets = re.findall(r"^ *fuzz_target\((\w+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"), re.M)
    total = 0
    for target in targets:
        if not any((ROOT / "corpus" / target).iterdir()):
            sys.exit(f"corpus/{target} has no named case")
        count = len({hashlib.sha256(content).digest() for content in contents(target)})
        print(f"{target:<12} {count:>6}")
        total += count
    print(f"{'all':<12} {total:>6}, expected {LEAST:,} at least")
    return 0 if targets and total >= LEAST else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as problem:
        sys.exit(str(problem))
