#!/usr/bin/env python3
"""Runs the proofs of the kernel and checks that they say something (scripts/verify).

    verify.py PROVER WORK [--json | --document PAGE] [NAME...]

PROVER is the directory of cbmc, WORK one for what is made on the way. NAME is a proof or a file of proofs.
"""

import argparse
import json
import os
import re
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import page
from proofs import CBMC, CHECKS, KILLING_CHECKS, ROOT, Broken, all_proofs, command, functions_without_proof, mutated, prove


class Run:
    """A proof, its run for reachability and its mutants; each is a task of its own."""

    def __init__(self, prover, work, proof):
        self.prover, self.work, self.proof = prover, work / proof.name, proof
        self.seconds = self.checks = self.reached = self.killed = 0
        self.problems = []
        shutil.rmtree(self.work, ignore_errors=True)

    def directory(self, name):
        path = self.work / name
        path.mkdir(parents=True)
        return path

    def attempt(self, task, *arguments):
        try:
            task(*arguments)
        except Broken as problem:
            self.problems.append(str(problem))

    def tasks(self):
        yield lambda: self.attempt(self.hold)
        yield lambda: self.attempt(self.reach)
        for number, mutant in enumerate(self.proof.mutants):
            yield lambda number=number, mutant=mutant: self.attempt(self.kill, number, mutant)

    def hold(self):
        holds, output, self.seconds = prove(self.prover, self.proof, ROOT / "src", self.directory("proof"), CHECKS)
        self.checks = int(re.search(r"\*\* \d+ of (\d+) failed", output).group(1))
        if not holds:
            self.problems += ["does not hold: " + line for line in output.splitlines() if line.endswith(": FAILURE")]

    def reach(self):
        """Every REACHABLE, an assertion that it is not so, must fail."""
        _, output, _ = prove(self.prover, self.proof, ROOT / "src", self.directory("reach"), ["--no-standard-checks"],
                             ["-DAPRENDER_REACHABILITY"])
        line = rf"^\[{self.proof.name}\.assertion\.\d+\] line \d+ reachable: (.*): (SUCCESS|FAILURE)$"
        found = re.findall(line, output, re.M)
        self.reached = sum(status == "FAILURE" for _, status in found)
        self.problems += [f"never happens: {what}" for what, status in found if status != "FAILURE"]
        if len(found) != self.proof.reachable:
            self.problems.append(f"{len(found)} REACHABLE of {self.proof.reachable} were seen")

    def kill(self, number, mutant):
        directory = self.directory(f"mutant-{number}")
        holds, _, _ = prove(self.prover, self.proof, mutated(mutant, directory), directory, KILLING_CHECKS)
        if holds:
            self.problems.append(f"survives: {mutant}")
        else:
            self.killed += 1

    def row(self):
        proof = self.proof
        return {
            "proof": proof.name, "file": proof.file.name, "property": proof.property, "bound": proof.bound,
            "solver": proof.solver, "checks": self.checks, "seconds": round(self.seconds, 1),
            "reached": self.reached, "reachable": proof.reachable,
            "killed": self.killed, "mutants": len(proof.mutants), "problems": self.problems,
        }


def print_row(width, row):
    print(f"{row['proof']:{width}}  {row['checks']:6}  {row['seconds']:7.1f}  {row['reached']:3} / {row['reachable']}"
          f"  {row['killed']:2} / {row['mutants']}  {row['bound']}", flush=True)
    for problem in row["problems"]:
        print(f"{'':{width}}  FAILED: {problem}", flush=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("prover", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--document", type=Path)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    start = time.monotonic()
    version = command([arguments.prover / "cbmc", "--version"], {0})[1].split()[0]
    solvers = {"MiniSat": "built in", "z3": command([arguments.prover / "z3", "--version"], {0})[1].split()[2]}

    if version != CBMC:
        print(f"note: this is CBMC {version}, docs/verification.md is of {CBMC}", file=sys.stderr)
        if arguments.document:
            sys.exit("verify: a document of another version begins with CBMC in tests/proofs/proofs.py")

    proofs = all_proofs()
    unknown = set(arguments.names) - {name for proof in proofs for name in (proof.name, proof.file.stem)}
    if unknown:
        sys.exit(f"no proof and no file of proofs is called {', '.join(sorted(unknown))}; there are "
                 + ", ".join(sorted({proof.file.stem for proof in proofs})))
    if arguments.names:
        proofs = [proof for proof in proofs if {proof.name, proof.file.stem} & set(arguments.names)]

    runs = [Run(arguments.prover, arguments.work, proof) for proof in proofs]
    width = max(len(proof.name) for proof in proofs)
    if not arguments.json:
        print(f"CBMC {version}, MiniSat {solvers['MiniSat']}, z3 {solvers['z3']}\n")
        print(f"{'proof':{width}}  checks  seconds  reached  killed  bound")
    rows = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        started = [(run, [pool.submit(task) for task in run.tasks()]) for run in runs]
        for run, tasks in started:
            for task in tasks:
                task.result()
            rows.append(run.row())
            if not arguments.json:
                print_row(width, rows[-1])
    complaints = [f"{row['proof']}: {problem}" for row in rows for problem in row["problems"]]
    if not arguments.names:
        complaints += [f"no proof calls {name}" for name in functions_without_proof()]
    outcome = {"cbmc": version, "solvers": solvers, "seconds": round(time.monotonic() - start),
               "proofs": rows, "complaints": complaints}
    if arguments.json:
        print(json.dumps(outcome, indent=2))
    else:
        print(f"\n{len(rows)} proofs, {sum(row['checks'] for row in rows)} checks, "
              f"{sum(row['reached'] for row in rows)} of {sum(row['reachable'] for row in rows)} cases reached, "
              f"{sum(row['killed'] for row in rows)} of {sum(row['mutants'] for row in rows)} mutants killed, "
              f"{outcome['seconds']} s")
    if arguments.document and not complaints:
        arguments.document.write_text(page.written(outcome), encoding="utf-8")
    if complaints and not arguments.json:
        print(*complaints, sep="\n", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Broken, OSError) as problem:
        sys.exit(f"verify: {problem}")
