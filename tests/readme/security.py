"""What docs/security.md and docs/audit.md say of the sources holds: every test they name exists (and every case of one),
every attack has a source, a place where it is stopped that is in the file named, and a test.

    security.py ROOT               exits with 1 if something does not hold
    security.py ROOT --self-test   plants a wrong name of each kind and has to find it
"""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
files = {path: path.read_text(encoding="utf-8") for path in (root / "tests").rglob("*.cpp")}
defined = {}
for text in files.values():
    for suite, name in re.findall(r"^TEST(?:_[PF])?\((\w+),\s*(\w+)\)", text, re.M):
        defined.setdefault(f"{suite}.{name}", text)


def wrong_tests(document, text):
    for test, case in re.findall(r"`([A-Z]\w+\.[A-Z]\w+)(?:/(\w+))?`", text):
        if test not in defined:
            yield f"{document} names the test {test}, which does not exist"
        elif case and f'"{case}"' not in defined[test]:
            yield f"{document} names the case {case} of {test}, which does not exist"


def attacks(text):
    table = text[text.index("## Attacks") : text.index("## Dependencies")]
    return [[cell.strip() for cell in row.strip("| ").split(" | ")] for row in table.splitlines() if re.match(r"\| \d", row)]


def wrong_attacks(text):
    rows = attacks(text)
    if len(rows) < 80:
        yield f"{len(rows)} attacks, expected 80 at least"
    for number, row in enumerate(rows, 1):
        if len(row) != 5 or row[0] != str(number) or not all(row):
            yield f"attack {number}: expected number, attack, source, place and test"
            continue
        place = re.fullmatch(r"`(\S+): (\w+)`", row[3])
        path = root / "src" / place[1] if place else None
        if path is None or not path.is_file() or not re.search(rf"\b{place[2]}\b", path.read_text(encoding="utf-8")):
            yield f"attack {number}: there is no {row[3]}"
        if not re.search(r"`[A-Z]\w+\.[A-Z]\w+", row[4]):
            yield f"attack {number}: no test"


def complaints(security, audit):
    return [*wrong_tests("docs/security.md", security), *wrong_tests("docs/audit.md", audit), *wrong_attacks(security)]


security = (root / "docs/security.md").read_text(encoding="utf-8")
audit = (root / "docs/audit.md").read_text(encoding="utf-8")
if sys.argv[2:] == ["--self-test"]:
    plants = [
        (security.replace("`Zip64.IsRefusedWhereItIsNotNeeded`", "`Zip64.IsNotThere`"), audit, "Zip64.IsNotThere"),
        (security.replace("IsRefused/Prefix`", "IsRefused/NoSuchCase`"), audit, "the case NoSuchCase"),
        (security.replace(": check_attributes`", ": no_function`"), audit, "no_function"),
        (security.replace("`container/zip.cpp: ", "`container/none.cpp: "), audit, "container/none.cpp"),
        (security, audit + "`Nothing.IsTested`", "docs/audit.md names the test Nothing.IsTested"),
        (re.sub(r"^\| [6-9]\d .*\n|^\| 1\d\d .*\n", "", security, flags=re.M), audit, "expected 80 at least"),
    ]
    missed = [expected for one, other, expected in plants if not any(expected in each for each in complaints(one, other))]
    print("\n".join(f"not found: {each}" for each in missed) or f"{len(plants)} wrong names planted, all found")
    sys.exit(1 if missed else 0)
found = complaints(security, audit)
print("\n".join(found) if found else f"{len(attacks(security))} attacks, every test named exists")
sys.exit(1 if found else 0)
