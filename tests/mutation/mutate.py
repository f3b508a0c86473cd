"""Plants small faults into the sources, one at a time, and looks whether the tests notice."""

import argparse
import functools
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

import mutants

ROOT = Path(__file__).resolve().parent.parent.parent
EXPLAINED = Path(__file__).resolve().parent / "explained.txt"
VERDICTS = ROOT / "build" / "mutation" / "verdicts.jsonl"
# The tests of a room and of what builds on it, without the longest, and those that take long last; they are run until
# one fails.
SLOW_OF_CONTAINER, SLOW_OF_ARCHIVE = "*.ChangesOfSignatureAndPayloadAreFound/*", "Large.*:KeyFiles.*"
CONTAINER = ("tests/container/container_test", f"-{SLOW_OF_CONTAINER}")
ARCHIVE = ("tests/archive/archive_test", f"-Corruption.Every*:FullDisk.*:{SLOW_OF_ARCHIVE}")
GOLDEN = ("tests/golden/golden_test", "*")
SLOW = (("tests/container/container_test", SLOW_OF_CONTAINER), ("tests/archive/archive_test", SLOW_OF_ARCHIVE))
FAULTS = ("tests/faults/faults_test", "*Genuine*:*Good*")  # of allocations that fail in signing
TESTS = {"src/container/ecdsa.cpp": (CONTAINER, ARCHIVE, *SLOW, FAULTS),
         "src/container": (CONTAINER, ARCHIVE, GOLDEN, *SLOW),
         "src/archive": (ARCHIVE, GOLDEN, *SLOW[1:])}  # the first that fits
PROGRAMS = sorted({program for tests in TESTS.values() for program in tests})
ROOMS = ("src/container", "src/archive")
# Headers that hold logic; the others declare.
HEADERS = ("src/archive/compensated.hpp", "src/archive/convert.hpp", "src/archive/linear_map.hpp")
# Tests take 15 s at most: beyond these they go round in a loop, or wait for what does not come. Other work on the machine
# does not count.
PROCESSOR_SECONDS, TIMEOUT = 60, 300


class Tree:
    """A copy of the sources with a build of its own."""

    def __init__(self, directory):
        self.source, self.build = directory / "source", directory / "build"
        # What ccache knows of one tree it knows of the other.
        self.environment = os.environ | {"CCACHE_BASEDIR": str(directory), "CCACHE_NOHASHDIR": "1"}

    def prepare(self):
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        names = set(listed.rstrip("\0").split("\0"))
        for left_over in [path for path in self.source.rglob("*") if path.is_file()]:
            if str(left_over.relative_to(self.source)) not in names:
                left_over.unlink()
        for name in names:
            copy = self.source / name
            # What is the same keeps its time, so that only what has changed is built: a fault too that an interrupted
            # run left behind.
            if not copy.exists() or copy.read_bytes() != (ROOT / name).read_bytes():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, copy)
                shutil.copymode(ROOT / name, copy)
        flags = "-O0 -g0 -w"
        self.run("cmake", "-S", self.source, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=",
                 "-DCMAKE_CXX_COMPILER=clang++", "-DCMAKE_C_COMPILER=clang",  # in half the time that g++ takes
                 f"-DCMAKE_CXX_FLAGS={flags}", f"-DCMAKE_C_FLAGS={flags}", "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld",
                 "-DAPRENDER_BUILD_TESTS=ON", "-DAPRENDER_COMPILE_AS_ONE=OFF",  # a fault is in one file
                 "-DAPRENDER_BUILD_EXAMPLES=OFF", "-DAPRENDER_HARDEN=OFF")
        self.run("cmake", "--build", self.build, "--target", *{Path(program).name for program, _ in PROGRAMS})
        for program, tests in PROGRAMS:
            self.run(self.build / program, "--gtest_brief=1", f"--gtest_filter={tests}")

    def run(self, *words):
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, env=self.environment)
        if done.returncode != 0:
            sys.exit(f"without a fault, this fails: {' '.join(map(str, words))}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")

    def try_out(self, mutant):
        """killed, survived or no program, and by which test."""
        file = self.source / mutant.file
        whole = file.read_text()
        lines = whole.split("\n")
        lines[mutant.line - 1] = mutant.after
        file.write_text("\n".join(lines))
        try:
            tests = next(tests for room, tests in TESTS.items() if mutant.file.startswith(room))
            targets = {Path(program).name for program, _ in tests}
            built = subprocess.run(["cmake", "--build", str(self.build), "--target", *targets], capture_output=True,
                                   env=self.environment)
            if built.returncode != 0:
                return "no program", ""
            killer = next(filter(None, (self.first_to_fail(*test) for test in tests)), "")
            return ("killed" if killer else "survived"), killer
        finally:
            file.write_text(whole)

    def first_to_fail(self, program, tests):
        try:
            done = subprocess.run(["prlimit", f"--cpu={PROCESSOR_SECONDS}:", str(self.build / program), "--gtest_brief=1",
                                   "--gtest_fail_fast", f"--gtest_filter={tests}"], capture_output=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            return f"{program}, which did not end within {TIMEOUT} s"
        if done.returncode == 0:
            return ""
        if done.returncode == -signal.SIGXCPU:
            return f"{program}, which took more than {PROCESSOR_SECONDS} s of a processor"
        failed = re.search(rb"\[  FAILED  \] ([^\s,]+)", done.stdout)
        return failed[1].decode() if failed else f"{program}, which ended with {done.returncode}"


def arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/mutate",
        description="Plants small faults into src/container and src/archive, one at a time, and runs the tests of both. "
        "A fault that they do not notice survives; one that does not compile does not count.",
        epilog="Survivors that are explained stand in tests/mutation/explained.txt. Exit status 1 if another one "
        "survives, or one of these does not.")
    parser.add_argument("files", metavar="FILE", nargs="*", help="sources to plant faults into (default: all of both)")
    parser.add_argument("--sample", metavar="N", type=int, help="that many of the faults, drawn at random")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of the draw (default: 1)")
    parser.add_argument("--jobs", metavar="N", type=int, default=os.cpu_count(), help="at once (default: %(default)s)")
    parser.add_argument("--resume", action="store_true",
                        help="do not try again what earlier runs killed where the source is the same still")
    parser.add_argument("--list", action="store_true", help="list the faults and stop")
    parser.add_argument("--json", metavar="FILE", help="write every verdict too")
    return parser.parse_args()


def drawn(every, count, seed):
    """So many of them at random. Each has a lot of its own, so that a change of the sources leaves the others drawn."""
    return sorted(every, key=lambda m: hashlib.sha256(f"{seed} {m.key()}".encode()).digest())[:count]


@functools.cache
def digest_of(file):
    return hashlib.sha256((ROOT / file).read_bytes()).hexdigest()[:16]


def name_in_record(mutant):
    return f"{mutant.file} {digest_of(mutant.file)} {mutant.line} {mutant.kind}: {mutant.after.strip()}"


def earlier_verdicts():
    """Of runs that were interrupted, or of other faults: {name in the record: verdict}. Survivors have another try,
    since there may be new tests."""
    lines = VERDICTS.read_text().splitlines() if VERDICTS.exists() else []
    return {name: verdict for name, verdict in map(json.loads, lines) if verdict != "survived"}


def explained():
    """{key of a survivor: the reason}, of the lines: file | before | after | why."""
    lines = EXPLAINED.read_text().splitlines() if EXPLAINED.exists() else []
    return dict(line.rsplit(" | ", 1) for line in lines if line and not line.startswith("#"))


def idle_explanations(known, possible, verdicts):
    """Those of faults that cannot be planted (any more), or that the tests notice: [key]. What a sanitizer notices is
    undefined, so that the tests may without it, by chance."""
    files = {mutant.file for mutant in possible}
    survived = {mutant.key() for mutant, verdict in verdicts.items() if verdict == "survived"}
    noticed = {mutant.key() for mutant in verdicts} - survived - {key for key in known if "Sanitizer" in known[key]}
    needless = noticed | (known.keys() - {mutant.key() for mutant in possible})
    return sorted(key for key in known.keys() & needless if key.split(" | ")[0] in files)


def report(verdicts, known):
    print(f"\n{'file':<36}{'faults':>8}{'killed':>8}{'survived':>10}{'explained':>11}{'killed %':>10}")
    total = [0, 0, 0, 0]
    for file in sorted({mutant.file for mutant in verdicts}) + [None]:
        if file is None:
            row = total
        else:
            of_file = [(m, verdict) for m, verdict in verdicts.items() if m.file == file and verdict != "no program"]
            survived = [m for m, verdict in of_file if verdict == "survived"]
            row = [len(of_file), len(of_file) - len(survived), len(survived), sum(m.key() in known for m in survived)]
            total = [a + b for a, b in zip(total, row)]
        share = f"{100 * row[1] / row[0]:.0f}" if row[0] else ""
        print(f"{file or 'all':<36}{row[0]:>8}{row[1]:>8}{row[2]:>10}{row[3]:>11}{share:>10}")
    return total


def main():
    options = arguments()
    sources = (str(path.relative_to(ROOT)) for room in ROOMS for path in (ROOT / room).glob("*.cpp"))
    files = options.files or sorted([*sources, *HEADERS])
    for file in files:
        if not file.startswith(ROOMS) or not (ROOT / file).exists():
            sys.exit(f"scripts/mutate: {file} is no source of {' or '.join(ROOMS)}")
    possible = [mutant for file in files for mutant in mutants.mutants_of(ROOT, file)]
    every = possible
    if options.sample:
        every = sorted(drawn(possible, options.sample, options.seed), key=lambda m: (m.file, m.line))
    if options.list:
        print("\n".join(map(str, every)))
        return 0

    earlier = earlier_verdicts() if options.resume else {}
    known = explained()
    # What is said to survive has another try too, after the others.
    verdicts = {mutant: earlier[name_in_record(mutant)] for mutant in every
                if name_in_record(mutant) in earlier and mutant.key() not in known}
    killers = {}
    left = sorted((mutant for mutant in every if mutant not in verdicts), key=lambda mutant: mutant.key() in known)
    print(f"{len(every)} faults in {len(files)} files, {len(left)} of them to try, {options.jobs} at once; building",
          file=sys.stderr)
    trees = Queue()
    for number in range(min(options.jobs, len(left))):
        tree = Tree(ROOT / "build" / "mutation" / str(number))
        tree.prepare()
        trees.put(tree)
    start, tried = time.monotonic(), 0

    def try_out(mutant):
        tree = trees.get()
        try:
            verdict, killer = tree.try_out(mutant)
        finally:
            trees.put(tree)
        nonlocal tried
        verdicts[mutant], killers[mutant.key()] = verdict, killer
        tried += 1
        record.write(json.dumps([name_in_record(mutant), verdict]) + "\n")
        record.flush()
        if verdict == "survived":
            print(f"{chr(13) + chr(27) + '[K' if sys.stderr.isatty() else ''}survived: {mutant}", flush=True)
        if sys.stderr.isatty():
            minutes = (time.monotonic() - start) / tried * (len(left) - tried) / 60
            print(f"\r\033[K{tried} of {len(left)}, {minutes:.0f} min left", end="", file=sys.stderr, flush=True)

    VERDICTS.parent.mkdir(parents=True, exist_ok=True)
    with VERDICTS.open("a") as record, ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(try_out, left))
    total = report(dict(sorted(verdicts.items(), key=lambda item: (item[0].file, item[0].line))), known)
    if options.json:
        rows = [vars(m) | {"verdict": v, "killed by": killers.get(m.key(), "")} for m, v in verdicts.items()]
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")
    idle = idle_explanations(known, possible, verdicts)
    for key in idle:
        print(f"explained, and {f'killed by {killers[key]}' if killers.get(key) else 'not there'}: {key}")
    return 0 if total[2] == total[3] and not idle else 1


if __name__ == "__main__":
    sys.exit(main())
