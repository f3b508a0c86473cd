#!/usr/bin/env python3
"""docs/verification.md: written from a run of the proofs, and held against the proofs that there are.

    page.py PAGE   exits 1 if the page does not state every proof, with its property and bound, or states another
"""

import re
import sys
from pathlib import Path

from proofs import CHECKS, Broken, all_proofs, functions_without_proof

TITLES = {
    "checked": "Sums, products, and the integers of canonical JSON (checked.h)",
    "compare": "Comparison (compare.h)",
    "little_endian": "Numbers as bytes (little_endian.h)",
    "protobuf_field": "Fields of protobuf (protobuf_field.h)",
    "safetensors_layout": "The layout of safetensors (safetensors_layout.h)",
    "text": "UTF-8, ASCII and names (text.h)",
    "ulp": "Distance in units in the last place (ulp.h)",
    "zip64": "ZIP64 fields and alignment (zip64.h, zip_framing.h)",
    "zip_records": "Records of ZIP (zip_framing.h)",
    "zip_walk": "A whole ZIP file (zip_framing.h)",
}

START = """# Verification

What is proved about this library, how, and what is not. Written by `scripts/verify --document`; do not edit.

The kernel (`src/kernel`) is the arithmetic that decides whether bytes of an archive are accepted and where its parts
lie: lengths, offsets, sums, products of shapes, integers as bytes, UTF-8, records of ZIP. It is C11 that is also C++20.
The library compiles these headers, and [CBMC](https://www.cprover.org/cbmc/), a bounded model checker for C, reads them as they are. A proof
holds for every input within its bound; it is no test of samples.

    scripts/verify    # {count} proofs, {checks} checks, {killed} of {mutants} mutants killed, {seconds} s

Run with CBMC {cbmc}, its own MiniSat, and z3 {z3} where stated.

- **Checks**: next to what it claims, each proof shows that no undefined or unintended arithmetic happens on the way:
  {options}.
- **Any length**: where it says "by loop contract", the loop is not unrolled. CBMC shows that its invariant
  (`tests/proofs/loops.h`) holds at first, is kept by every turn, and that a measure falls, and knows nothing else of it
  afterwards. Elsewhere loops are unrolled, and that the bound suffices is itself proved.
- **Cases reached**: the same proof with assertions that its cases never happen. Each has to fail; a proof whose
  assumptions contradict each other would claim anything.
- **Mutants killed**: small faults planted into the kernel, with each of which the proof has to fail: in what it claims, a
  check or an invariant. That a loop then runs longer than it is unrolled does not count.
- A time-out, a missing prover, a mutant that survives or a case that is not reached fails the run; it is part of
  `scripts/test`. Every function of the kernel is in a proof.

Seconds are those of a processor, for the proof alone.
"""

END = """
## What is not verified

- **Arithmetic outside of it**, which decides nothing: base64 is held against its only encoding (`container/base64.cpp`), a
  guess where the weights may lie, to read them ahead, against the walk of the kernel (`guess_members` in
  `container/zip.cpp`), hexadecimal digits against a pattern of the kernel; tables are read by the command alone.
- **The C++ around the kernel**: JSON (nlohmann_json), protobuf after the walk over its fields (libprotobuf), digests and
  signatures (OpenSSL), CRC-32 (libdeflate), files, the estimators, and what turns the kernel's verdicts into errors. These
  are tested, not proved.
- **That callers keep the kernel's preconditions**, which its comments state (`size >= 1`, `at <= directory_end`), and that
  what they pass as a length is one. The walk over a ZIP file keeps those of the functions that it calls; this is proved.
- **Compilers and processors.** CBMC takes the code for a 64-bit little-endian machine of two's complement. What
  compilers make of it is tested: among others the distance from each of the 2^32 floats to the next, and the encoding of
  each (`EveryFloat.IsOneFromTheNextAndInfinitelyFarFromNaN`, `EveryFloat.IsFourBytesTheLowestFirst`).
- **The triangle inequality of the distance** is not shown as such: it follows, because the distance of two numbers is the
  difference of their keys.
- **Timing**: that `aprender_equal` takes the same time for all contents is by construction, not proved.
- **That the format is the right one**: a proof holds the code against the property as written here.
- CBMC, its solvers and the C compiler that preprocesses for it are trusted.
"""


def cell(text):
    return text.replace("|", "\\|")


def tables(rows, figures):
    """A table for each file of proofs; without figures, what a run does not change."""
    lines = []
    for stem in sorted({row["file"] for row in rows}):
        lines += ["", f"## {TITLES.get(stem.removesuffix('.c'), stem)}", ""]
        lines += ["| proof | property | bound | checks | s | cases reached | mutants killed |", "|---|---|---|--:|--:|--:|--:|"]
        for row in (row for row in rows if row["file"] == stem):
            solver = "; z3" if row["solver"] == "z3" else ""
            lines.append(f"| `{row['proof']}` | {cell(row['property'])} | {cell(row['bound'])}{solver} |" + figures(row))
    return lines


def written(outcome):
    rows = outcome["proofs"]
    total = {key: sum(row[key] for row in rows) for key in ("checks", "killed", "mutants")}
    checks = [option.removeprefix("--").removesuffix("-check").replace("-", " ") for option in CHECKS[:-1]]
    head = START.format(count=len(rows), **total, seconds=outcome["seconds"], cbmc=outcome["cbmc"],
                        z3=outcome["solvers"]["z3"], options=", ".join(checks))
    figures = lambda row: (f" {row['checks']} | {row['seconds']} | {row['reached']} of {row['reachable']} |"
                           f" {row['killed']} of {row['mutants']} |")
    return head + "\n".join(tables(rows, figures)) + "\n" + END


def stated(text):
    """The rows of the page without their figures."""
    return {re.sub(r"( \S+ \| \S+ \| \d+ of \d+ \| \d+ of \d+ \|)$", "", line)
            for line in text.splitlines() if line.startswith("| `")}


def main(path):
    there = [{"file": proof.file.name, "proof": proof.name, "property": proof.property, "bound": proof.bound,
              "solver": proof.solver} for proof in all_proofs()]
    expected = {line for line in tables(there, lambda row: "") if line.startswith("| `")}
    found = stated(path.read_text(encoding="utf-8"))
    complaints = [f"{path.name} does not state: {row}" for row in sorted(expected - found)]
    complaints += [f"{path.name} states what there is not: {row}" for row in sorted(found - expected)]
    complaints += [f"no proof calls {name}" for name in functions_without_proof()]
    print(*complaints or [f"{len(expected)} proofs, all of them stated"], sep="\n")
    if complaints:
        print("Write the page anew: scripts/verify --document")
    return 1 if complaints else 0


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1])))
    except (Broken, IndexError) as problem:
        sys.exit(f"{__doc__}\n{problem}")
