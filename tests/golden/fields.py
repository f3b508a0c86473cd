"""The fields of metadata.pb as docs/format.md lists them (section 10): with --write puts them there, else fails where the
page and proto/metadata.proto differ."""

import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "format.md"
BEGIN, END = "<!-- fields -->\n", "<!-- end of fields -->\n"


def declarations(proto):
    """(name, its fields or values in words) of every message and enum, in the order of the file."""
    found, open_ones = {}, []
    for line in (line.split("//")[0].strip() for line in proto.splitlines()):
        if opened := re.match(r"(message|enum|oneof) (\w+) {", line):
            open_ones.append(opened.groups())
            if opened[1] != "oneof":
                found[opened[2]] = []
        elif line == "}":
            open_ones.pop()
        elif field := re.match(r"((?:optional |repeated )?\w+ )?(\w+) = (\d+);", line):
            owner = [name for kind, name in open_ones if kind != "oneof"][-1]
            label = "oneof " if open_ones[-1][0] == "oneof" else ""
            found[owner].append(f"{field[3]} {label}{field[1] or ''}{field[2]}")
    return found


def in_words(proto):
    lines = []
    for name, fields in declarations(proto).items():
        whole = ", ".join(field.replace(" ", "\0") for field in fields)  # no line ends within a field
        lines += textwrap.wrap(f"{name}: {whole}", 116, initial_indent="    ", subsequent_indent=" " * 8)
    return "\n" + "\n".join(lines).replace("\0", " ") + "\n\n"


def main():
    before, rest = PAGE.read_text().split(BEGIN)
    listed, after = rest.split(END)
    truth = in_words((ROOT / "proto" / "metadata.proto").read_text())
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(before + BEGIN + truth + END + after)
    elif listed != truth:
        return "docs/format.md, section 10, is not proto/metadata.proto: run tests/golden/fields.py --write"
    return None


if __name__ == "__main__":
    sys.exit(main())
