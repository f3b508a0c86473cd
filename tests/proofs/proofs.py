"""The proofs of this directory: what their comments say, and one run of the prover (scripts/verify has the command)."""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KERNEL = ROOT / "src/kernel"

# A proof is a comment that begins with what it proves, and PROOF(name) behind it.
PROOF = re.compile(r"/\* (Property: (?:(?!\*/).)*)\*/\nPROOF\((\w+)\) {(.*?)\n}", re.S)
FIELD = re.compile(r"^ ?\*? ?(Property|Bound|Loops|Unwind|Solver|Calls|Mutant): ", re.M)
MUTANT = re.compile(r"(\w+\.h): `(.*)` => `(.*)`$")

CHECKS = [
    "--bounds-check", "--pointer-check", "--pointer-overflow-check", "--pointer-primitive-check",
    "--signed-overflow-check", "--unsigned-overflow-check", "--conversion-check", "--undefined-shift-check",
    "--div-by-zero-check", "--enum-range-check", "--unwinding-assertions",
]
# A mutant is killed by a claim of the proof or by a check of its arithmetic, not by a loop that runs on behind the bound.
KILLING_CHECKS = [*CHECKS[:-1], "--no-unwinding-assertions", "--stop-on-fail"]
CBMC = "6.6.0"  # the version that docs/verification.md is of
TIMEOUT = 280  # seconds of processor time that one step of a run may take


class Broken(Exception):
    """The run says nothing: no prover, no compilation, time-out."""


@dataclass
class Mutant:
    header: str
    old: str
    new: str

    def __str__(self):
        return f"{self.header}: {self.old!r} => {self.new!r}"


@dataclass
class Proof:
    name: str
    file: Path
    property: str
    bound: str
    reachable: int  # how often the body says REACHABLE
    contracts: bool = False  # loops are replaced by their invariants, not unwound
    unwind: str = ""
    solver: str = "MiniSat"
    calls: str = ""  # functions of the kernel, and by which of the file they are replaced
    mutants: list = field(default_factory=list)


def read_proof(file, comment, name, body):
    parts = FIELD.split(comment)[1:]
    proof = Proof(name, file, "", "", body.count("REACHABLE("))
    for key, text in zip(parts[::2], parts[1::2]):
        text = " ".join(line.strip(" *") if key != "Mutant" else line.strip() for line in text.strip("\n *").split("\n"))
        if key == "Mutant":
            match = MUTANT.match(text)
            if not match:
                raise Broken(f"{file.name}: {name}: not a mutant: {text}")
            proof.mutants.append(Mutant(*(part.replace("\\n", "\n") for part in match.groups())))
        elif key == "Loops":
            proof.contracts = text == "contracts"
        else:
            setattr(proof, key.lower(), text)
    if not (proof.property and proof.bound and proof.mutants and proof.reachable):
        raise Broken(f"{file.name}: {name}: without property, bound, mutant or REACHABLE")
    return proof


def all_proofs():
    proofs = []
    for file in sorted(Path(__file__).parent.glob("*.c")):
        text = file.read_text(encoding="utf-8")
        found = [read_proof(file, *match.groups()) for match in PROOF.finditer(text)]
        if len(found) != text.count("\nPROOF(") or not found:
            raise Broken(f"{file.name}: PROOF without a comment that begins with Property:")
        proofs += found
    return proofs


def functions_without_proof():
    """Functions of the kernel that are in no proof, neither called by one nor by a function that is."""
    body = {}
    for header in KERNEL.glob("*.h"):
        for match in re.finditer(r"^APRENDER_KERNEL [^(]*?(\w+)\(.*?(?=^APRENDER_KERNEL|\Z)", header.read_text(), re.S | re.M):
            body[match.group(1)] = match.group(0)
    reached, todo = set(), [file.read_text() for file in Path(__file__).parent.glob("*.c")]
    while todo:
        called = set(re.findall(r"\baprender_\w+(?=\()", todo.pop())) & set(body) - reached
        reached |= called
        todo += [body[name] for name in called]
    return sorted(set(body) - reached)


def mutated(mutant, directory):
    """A directory with the kernel as the mutant has it."""
    shutil.copytree(KERNEL, directory / "kernel")
    header = directory / "kernel" / mutant.header
    text = header.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise Broken(f"{mutant}: the kernel has it {text.count(mutant.old)} times, not once")
    header.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    return directory


def command(arguments, accepted):
    """Exit status and output of one of the prover's commands, which finds the others beside it, and its processor time."""
    limits = ["timeout", str(10 * TIMEOUT), "prlimit", f"--cpu={TIMEOUT}"]
    path = f"{Path(arguments[0]).parent}:{os.environ['PATH']}"
    environment = os.environ | {"LC_ALL": "C.UTF-8", "PATH": path}
    with tempfile.TemporaryFile("w+") as out:
        run = subprocess.Popen([*limits, *arguments], stdout=out, stderr=subprocess.STDOUT, env=environment)
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    if run.returncode not in accepted:
        raise Broken(f"{Path(arguments[0]).name} ended with {run.returncode} (137: out of time): {text[-600:]}")
    return run.returncode, text, usage.ru_utime + usage.ru_stime


def prove(prover, proof, include, work, options, defines=()):
    """One run: (holds, output, seconds). `include` has the kernel, `work` is a directory of its own for the run."""
    model = str(work / "model.goto")
    sources = [str(proof.file), "-I", str(include), "-I", str(proof.file.parent)]
    steps = [["goto-cc", *sources, *defines, "--function", proof.name, "-o", model]]
    for call in proof.calls.split():
        steps.append(["goto-instrument", "--replace-calls", call, model, model])
    if proof.contracts:
        steps.append(["goto-instrument", "--dfcc", proof.name, "--apply-loop-contracts", model, model])
    unwind = ["--unwind", proof.unwind] if proof.unwind else []
    solver = ["--z3"] if proof.solver == "z3" else []
    total = 0.0
    for name, *arguments in steps:
        total += command([prover / name, *arguments], {0})[2]
    code, output, seconds = command([prover / "cbmc", model, *options, *unwind, *solver], {0, 10})
    if (code == 0) != ("VERIFICATION SUCCESSFUL" in output) or (code == 10) != ("VERIFICATION FAILED" in output):
        raise Broken(f"cbmc ended with {code}: {output[-600:]}")
    return code == 0, output, total + seconds
