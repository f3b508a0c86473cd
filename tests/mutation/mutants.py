"""Small faults that can be planted into a C++ source, one at a time."""

import re
from dataclasses import dataclass

# (what it is called, what it replaces, by what); applied to code without comments, strings and characters.
OPERATORS = [
    ("comparison", r" <= ", " < "), ("comparison", r" >= ", " > "),
    ("comparison", r"(?<=[\w\])]) < (?=[\w(])", " <= "), ("comparison", r"(?<=[\w\])]) > (?=[\w(])", " >= "),
    ("equality", r" == ", " != "), ("equality", r" != ", " == "),
    ("logic", r" && ", " || "), ("logic", r" \|\| ", " && "),
    ("arithmetic", r"(?<=[\w\])]) \+ (?=[\w(])", " - "), ("arithmetic", r"(?<=[\w\])]) - (?=[\w(])", " + "),
    ("negation", r"(?<=[( ])!(?=[\w(])", ""),
    ("constant", r"\bfalse\b", "true"), ("constant", r"\btrue\b", "false"),
    ("number", r"(?<![\w.'])(\d+)(?=[U;),\]} ])(?!\.)", lambda found: str(int(found.group(1)) + 1)),
    ("check left out", r"(?<=\bif \()(.*; )?(.*)(?=\) return\b)", lambda found: (found.group(1) or "") + "false"),
]
STATEMENT = re.compile(r"^ +[a-z_][\w.>:\[\]-]*(\(.*\)|\s[-+|]?=\s.*|\+\+|--);$")
SKIPPED = re.compile(r"^\s*(#|using |template|static_assert|namespace |//|assert\()|\bconstexpr\b.*\bname\b")


@dataclass(frozen=True)
class Mutant:
    file: str  # relative to the root of the sources
    line: int  # from 1
    kind: str
    before: str
    after: str

    def __str__(self):
        return f"{self.file}:{self.line} ({self.kind})\n    - {self.before.strip()}\n    + {self.after.strip()}"

    def key(self):
        """Where it is, whatever is written above it."""
        return f"{self.file} | {self.before.strip()} | {self.after.strip()}"


def blanked(line):
    """The line with comments, strings and characters replaced by as many spaces."""
    out = re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])\'', lambda found: '"' + " " * (len(found.group()) - 2) + '"', line)
    at = out.find("//")
    return out if at < 0 else out[:at] + " " * (len(out) - at)


def mutants_of(root, file):
    for number, line in enumerate((root / file).read_text().splitlines(), 1):
        code = blanked(line)
        if SKIPPED.search(line) or not code.strip():
            continue
        for kind, pattern, by in OPERATORS:
            for found in re.finditer(pattern, code):
                replacement = by(found) if callable(by) else by
                yield Mutant(file, number, kind, line, line[: found.start()] + replacement + line[found.end():])
        if STATEMENT.match(code.rstrip()):
            yield Mutant(file, number, "statement left out", line, re.match(r" *", line).group() + ";")
