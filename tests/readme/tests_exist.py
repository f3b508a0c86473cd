"""Every test that the README's table of checks names exists in the sources, and every error code is in the table."""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
table = re.search(r"## What an archive is checked for\n(.*?)\n## ", (root / "README.md").read_text(), re.S).group(1)
sources = "\n".join(path.read_text() for path in (root / "tests").rglob("*.cpp"))
known = {f"{suite}.{name}" for suite, name in re.findall(r"^TEST(?:_[PF])?\((\w+),\s*(\w+)\)", sources, re.M)}
named = set(re.findall(r"`([A-Z]\w+\.\w+)`", table))

complaints = [f"README.md names the test {name}, which does not exist" for name in sorted(named - known)]
rows = [row for row in table.splitlines() if row.startswith("| ") and not row.startswith("| check")]
complaints += [f"no test proves: {row}" for row in rows if not re.search(r"`[A-Z]\w+\.\w+`", row)]

codes = re.search(r"enum class ErrorCode[^{]*{(.*?)};", (root / "include/aprender/error.hpp").read_text(), re.S).group(1)
refusals = codes[: codes.index("// The request")]
for code in re.findall(r"^\s*(\w+),", refusals, re.M):
    if f"`{code}`" not in table and code not in ("cannot_read", "out_of_memory"):  # which nothing is checked for
        complaints.append(f"README.md's table does not say what is checked under {code}")

print("\n".join(complaints) if complaints else f"{len(rows)} checks, {len(named)} tests named, all of them exist")
sys.exit(1 if complaints or len(rows) < 10 else 0)
