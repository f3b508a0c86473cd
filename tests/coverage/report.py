"""Coverage by rooms from what gcovr wrote, and the lines that no test reaches (scripts/coverage).

    report.py SUMMARY LEAST_LINES LEAST_LINES_STRICT LEAST_BRANCHES_STRICT [LINES EXPLAINED]
    report.py --self-test

SUMMARY and LINES are gcovr's --json-summary and --json. With the latter, every line of kernel, container and archive that
was not reached has to stand in EXPLAINED: path | text of the line | why. Exit status 1 below a threshold, if a line is not
explained, or if an explanation is of a line that is not there.
"""

import json
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


def table(summary, least_total, least_lines, least_branches):
    """Prints a row a room; False if one is below its threshold."""
    rooms = defaultdict(lambda: [0, 0, 0, 0])
    for file in summary["files"]:
        for row in (rooms[room_of(file["filename"])], rooms["total"]):
            for i, key in enumerate(("line_covered", "line_total", "branch_covered", "branch_total")):
                row[i] += file[key]
    sound = True
    print(f"\n{'room':<12} {'lines':>14} {'':>7} {'branches':>14}")
    for room in [*sorted(set(rooms) - {"total"}), "total"]:
        lines, all_lines, branches, all_branches = rooms[room]
        strict = room in STRICT
        wanted = (("lines", per_cent(lines, all_lines), least_total if room == "total" else least_lines if strict else 0),
                  ("branches", per_cent(branches, all_branches), least_branches if strict else 0))
        short = [f"below {least:g} % of {what}" for what, share, least in wanted if share < least]
        sound &= not short
        print(f"{room:<12} {lines:>6} / {all_lines:<5} {per_cent(lines, all_lines):6.1f}% {branches:>6} / {all_branches:<5} "
              f"{per_cent(branches, all_branches):6.1f}%  " + ", ".join(short))
    return sound


def missed_lines(lines, root):
    """(path, number, text) of each line of the strict rooms that no test reached."""
    for file in lines["files"]:
        if room_of(file["file"]) not in STRICT:
            continue
        text = (root / file["file"]).read_text(encoding="utf-8").splitlines()
        # A line of a template or an inline function is there once for each instance.
        counts = defaultdict(int)
        for line in file["lines"]:
            if not line.get("gcovr/noncode", False):
                counts[line["line_number"]] += line["count"]
        yield from ((file["file"], number, text[number - 1].strip()) for number in sorted(counts) if counts[number] == 0)


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


def complaints(lines, explained, root):
    missed = list(missed_lines(lines, root))
    wrong = [f"not reached, not explained: {path}:{number}: {text}" for path, number, text in missed
             if (path, text) not in explained]
    for path, code in explained:
        there = (root / path).is_file() and code in map(str.strip, (root / path).read_text(encoding="utf-8").splitlines())
        if not there:
            wrong.append(f"explained, and not there: {path}: {code}")
        elif (path, code) not in {(file, text) for file, _, text in missed}:
            print(f"reached, needs no explanation any more: {path}: {code}")
    return wrong


def self_test():
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, text in {"src/kernel/a.h": "if (bad)\n  return 0;\nreturn a | b;\n", "src/cli/b.cpp": "print();\n"}.items():
            (root / path).parent.mkdir(parents=True)
            (root / path).write_text(text)
        line = lambda number, count: {"line_number": number, "count": count, "branches": []}
        lines = {"files": [{"file": "src/kernel/a.h", "lines": [line(1, 3), line(2, 0), line(3, 0), line(3, 2), line(2, 0)]},
                           {"file": "src/cli/b.cpp", "lines": [line(1, 0)]}]}
        expected = "not reached, not explained: src/kernel/a.h:2: return 0;"
        gone = "explained, and not there: src/kernel/a.h: return 1;"
        assert complaints(lines, {}, root) == [expected]
        assert complaints(lines, explanations("# why\nsrc/kernel/a.h | return 0; | cannot be\n"), root) == []
        assert complaints(lines, explanations("src/kernel/a.h | return 1; | gone\n"), root) == [expected, gone]
        assert explanations("a | b | c | why\n") == {("a", "b | c"): "why"}
        figures = {"line_covered": 1, "line_total": 2, "branch_covered": 1, "branch_total": 1, "filename": "src/kernel/a.h"}
        assert table({"files": [figures]}, 50, 50, 90) and not table({"files": [figures]}, 50, 51, 90)
    print("lines that are not explained, explanations of nothing and rooms below their threshold are found")
    return 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    summary, *least = arguments[:4]
    sound = table(json.loads(Path(summary).read_text()), *map(float, least))
    if arguments[4:]:
        lines, explained = (Path(path).read_text(encoding="utf-8") for path in arguments[4:])
        wrong = complaints(json.loads(lines), explanations(explained), Path.cwd())
        print(*wrong, sep="\n")
        sound &= not wrong
    return 0 if sound else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, ValueError) as problem:
        sys.exit(f"{problem}\n{__doc__}")
