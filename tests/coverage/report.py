"""Coverage by rooms from what llvm-cov exported, and what no test reaches (scripts/coverage).

    report.py EXPORT LCOV LEAST_LINES LEAST_LINES_STRICT LEAST_BRANCHES_STRICT [EXPLAINED]
    report.py --self-test

EXPORT and LCOV are llvm-cov's export of the same run as text and as lcov: branches have their places in the first alone, lines
their counts in the second. A branch is one outcome of a condition as it stands in the source; what is true at compile time
has none. With EXPLAINED, every line of kernel, container and archive that was not reached, or has a condition with one
outcome only, has to stand there: path | text of the line | why. Exit status 1 below a threshold, if a line is not
explained, or if an explanation is of a line that is not there.
"""

import json
import re
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

STRICT = ("kernel", "container", "archive")  # the rooms that face untrusted bytes
ARCHIVE_HEADERS = "archive compatibility eigen_alignment error limits member provenance schema trust ulp".split()


def room_of(file):
    parts = file.split("/")
    if parts[0] == "include":
        return "archive" if parts[-1].removesuffix(".hpp") in ARCHIVE_HEADERS else "models"
    return parts[1] if len(parts) > 2 else "archive"


def per_cent(covered, total):
    return 100.0 * covered / total if total else 100.0


def relative(path, root):
    """Of a source of the project, else None."""
    path = Path(path)
    inside = path.is_absolute() and path.is_relative_to(root)
    name = path.relative_to(root).as_posix() if inside else ""
    return name if name.startswith(("src/", "include/")) else None


def read_lines(lcov, root):
    """{file: {line: count}}; a line of a template or an inline function may be there once for each instance."""
    lines, counts = {}, None
    for record in lcov.splitlines():
        kind, _, rest = record.partition(":")
        if kind == "SF":
            name = relative(rest, root)
            counts = lines.setdefault(name, defaultdict(int)) if name else None
        elif kind == "DA" and counts is not None:
            number, count = rest.split(",")[:2]
            counts[int(number)] += int(count)
    return lines


def read_branches(export, root):
    """{file: {(line, column): [times true, times false]}}, all instances of a template as one."""
    branches = {}
    for file in export["data"][0]["files"]:
        name = relative(file["filename"], root)
        if not name:
            continue
        found = branches.setdefault(name, {})
        for line, column, end_line, end_column, true, false, *_ in file.get("branches", []):
            outcomes = found.setdefault((line, column, end_line, end_column), [0, 0])
            outcomes[0] += true
            outcomes[1] += false
    return branches


def table(lines, branches, least_total, least_lines, least_branches):
    """Prints a row a room; False if one is below its threshold."""
    rooms = defaultdict(lambda: [0, 0, 0, 0])
    for name, counts in lines.items():
        outcomes = [count for pair in branches.get(name, {}).values() for count in pair]
        for row in (rooms[room_of(name)], rooms["total"]):
            for i, numbers in ((0, counts.values()), (2, outcomes)):
                row[i] += sum(count > 0 for count in numbers)
                row[i + 1] += len(numbers)
    sound = True
    print(f"\n{'room':<12} {'lines':>14} {'':>7} {'branches':>14}")
    for room in [*sorted(set(rooms) - {"total"}), "total"]:
        reached, all_lines, taken, all_branches = rooms[room]
        strict = room in STRICT
        wanted = (("lines", per_cent(reached, all_lines), least_total if room == "total" else least_lines if strict else 0),
                  ("branches", per_cent(taken, all_branches), least_branches if strict else 0))
        short = [f"below {least:g} % of {what}" for what, share, least in wanted if share < least]
        sound &= not short
        print(f"{room:<12} {reached:>6} / {all_lines:<5} {per_cent(reached, all_lines):6.1f}% {taken:>6} / {all_branches:<5} "
              f"{per_cent(taken, all_branches):6.1f}%  " + ", ".join(short))
    return sound


def missed(lines, branches, root):
    """(path, number, text, what) of each line of the strict rooms that no test reached, or only with one outcome."""
    for name in sorted(lines):
        if room_of(name) not in STRICT:
            continue
        text = (root / name).read_text(encoding="utf-8").splitlines()
        what = {number: "not reached" for number, count in lines[name].items() if count == 0}
        for (line, column, *_), (true, false) in sorted(branches.get(name, {}).items()):
            compiled = true == false == 0 and "constexpr" in text[line - 1]  # no choice at run time
            if line not in what and (true == 0 or false == 0) and not compiled:
                outcome = "true" if true == 0 else "false"
                what[line] = f"column {column} never evaluated" if true == false else f"column {column} never {outcome}"
        # A brace alone is as its line before.
        yield from ((name, number, text[number - 1].strip(), what[number]) for number in sorted(what)
                    if re.search(r"\w", text[number - 1]))


def explanations(text):
    """{(path, text of the line): why}; a line of code may have bars of its own."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            path, _, rest = line.partition(" | ")
            code, _, why = rest.rpartition(" | ")
            if not (path and code and why.strip()):
                raise ValueError(f"not path | line | why: {line}")
            found[path, code] = why
    return found


def complaints(lines, branches, explained, root):
    found = list(missed(lines, branches, root))
    wrong = [f"not explained: {path}:{number}: {what}: {text}" for path, number, text, what in found
             if (path, text) not in explained]
    for path, code in explained:
        there = (root / path).is_file() and code in map(str.strip, (root / path).read_text(encoding="utf-8").splitlines())
        if not there:
            wrong.append(f"explained, and not there: {path}: {code}")
        elif (path, code) not in {(file, text) for file, _, text, _ in found}:
            print(f"reached, needs no explanation any more: {path}: {code}")
    return wrong


def self_test():
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, text in {"src/kernel/a.h": "if (bad)\n  return 0;\nreturn a | b;\n", "src/cli/b.cpp": "print();\n"}.items():
            (root / path).parent.mkdir(parents=True)
            (root / path).write_text(text)
        lines = read_lines(f"SF:{root}/src/kernel/a.h\nDA:1,3\nDA:2,0\nDA:3,0\nend_of_record\nSF:/usr/include/c.h\nDA:1,0\n"
                           f"SF:{root}/src/cli/b.cpp\nDA:1,0\nSF:{root}/src/kernel/a.h\nDA:3,2\nDA:2,0\n", root)
        assert lines == {"src/kernel/a.h": {1: 3, 2: 0, 3: 2}, "src/cli/b.cpp": {1: 0}}
        file = {"filename": f"{root}/src/kernel/a.h", "branches": [[1, 5, 1, 8, 0, 1, 0, 0, 4], [1, 5, 1, 8, 0, 2, 0, 0, 4]]}
        branches = read_branches({"data": [{"files": [file, {"filename": "/usr/include/c.h"}]}]}, root)
        assert branches == {"src/kernel/a.h": {(1, 5, 1, 8): [0, 3]}}
        one_sided = "not explained: src/kernel/a.h:1: column 5 never true: if (bad)"
        unreached = "not explained: src/kernel/a.h:2: not reached: return 0;"
        gone = "explained, and not there: src/kernel/a.h: return 1;"
        assert complaints(lines, branches, {}, root) == [one_sided, unreached]
        assert complaints(lines, branches, explanations("# why\nsrc/kernel/a.h | return 0; | cannot be\n"), root) == [one_sided]
        assert complaints(lines, {}, explanations("src/kernel/a.h | return 1; | gone\n"), root) == [unreached, gone]
        assert explanations("a | b | c | why\n") == {("a", "b | c"): "why"}
        assert table(lines, branches, 50, 66, 50)
        assert not table(lines, branches, 50, 67, 50) and not table(lines, branches, 50, 66, 51)
    print("lines that are not explained, explanations of nothing and rooms below their threshold are found")
    return 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    export, lcov, *least = arguments[:5]
    root = Path.cwd()
    branches = read_branches(json.loads(Path(export).read_text(encoding="utf-8")), root)
    lines = read_lines(Path(lcov).read_text(encoding="utf-8"), root)
    sound = table(lines, branches, *map(float, least))
    if arguments[5:]:
        wrong = complaints(lines, branches, explanations(Path(arguments[5]).read_text(encoding="utf-8")), root)
        print(*wrong, sep="\n")
        sound &= not wrong
    return 0 if sound else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, ValueError) as problem:
        sys.exit(f"{problem}\n{__doc__}")
