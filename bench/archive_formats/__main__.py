"""Archives beside other formats and beside what bounds them (bench/archives)."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAM = HERE.parents[1] / "build" / "archives" / "bench" / "bench_archive"
SIZES = {"1KB": 1 << 7, "64KB": 1 << 13, "1MB": 1 << 17, "16MB": 1 << 21, "256MB": 1 << 25, "1GB": 1 << 27,
         "4GB": (1 << 29) + 1024}  # weights in double precision
LARGEST = {"ONNX": 1 << 31}  # protobuf ends there
PEERS = ("joblib", "ONNX", "safetensors")


def words():
    parser = argparse.ArgumentParser(prog="bench/archives", description=__doc__)
    parser.add_argument("--only", metavar="SIZE,...", help=f"of {', '.join(SIZES)}")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds (default: 3)")
    parser.add_argument("--json", metavar="FILE", help="write every measurement too")
    parser.add_argument("--markdown", metavar="FILE", help="write the table as Markdown too")
    parser.add_argument("--directory", metavar="DIR", help="where the files are written (default: the temporary one)")
    parser.add_argument("--newer-python", help=argparse.SUPPRESS)
    options = parser.parse_args()
    unknown = set((options.only or "").split(",")) - set(SIZES) - {""}
    if unknown:
        parser.error(f"--only: {', '.join(sorted(unknown))}, expected some of {', '.join(SIZES)}")
    if options.rounds < 1:
        parser.error(f"--rounds: {options.rounds}, expected at least 1")
    return options


def measure(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def note(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def settle():
    """Lets the system write back what is dirty, which would go on beside the next measurement."""
    os.sync()
    time.sleep(0.5)


def one_round(size, features, directory, newer_python):
    """{(contender, what): measurement} of every contender, one after the other, each in a fresh process."""
    repeats = max(3, min(201, (1 << 28) // (features * 8)))
    found = {}
    archive = directory / "model.aprender"
    found["aprender", "save"] = measure(PROGRAM, "save", features, archive, min(repeats, 21))
    settle()
    found["aprender", "load"] = measure(PROGRAM, "load", archive, repeats)
    found["aprender, mapped", "load"] = measure(PROGRAM, "map", archive, repeats)
    found["aprender, signed", "load"] = measure(PROGRAM, "verify", archive, repeats)
    archive.unlink()
    Path(f"{archive}.sig").unlink()
    for peer in PEERS:
        if features * 8 >= LARGEST.get(peer, 1 << 63):
            continue
        note(f"{size}: {peer}")
        python = newer_python if peer == "safetensors" else "/usr/bin/python3"
        file = directory / f"model.{peer}"
        for verb in ("save", "load"):
            settle()
            found[peer, verb] = measure(python, HERE / "peer.py", verb, peer, file, features, min(repeats, 21))
        file.unlink()
    return found


def medians(rounds):
    """The same as of one round: the median of every number."""
    return {key: {name: statistics.median(found[key][name] for found in rounds) for name in rounds[0][key]}
            for key in rounds[0]}


def milliseconds(seconds):
    return f"{seconds * 1e3:.3g}" if seconds < 1 else f"{seconds * 1e3:.0f}"


def rows_of(size, features, found):
    limits = found["aprender", "load"]
    slower = max(limits["read"], limits["sha256"])
    weights = features * 8
    for name in ("read", "memcpy", "sha256"):
        label = {"read": "read(2)", "memcpy": "memcpy", "sha256": "SHA-256"}[name]
        yield [size, f"limit: {label}", "", milliseconds(limits[name]), f"{weights / limits[name] / 1e9:.2f}", "", ""]
    for name in ("aprender", "aprender, mapped", "aprender, signed", *PEERS):
        if (name, "load") not in found:
            continue
        load, save = found[name, "load"], found.get((name, "save"))
        peak = (load["peak"] - load["held"]) / weights
        share = load.get("share", slower / load["seconds"])
        yield [size, name, milliseconds(save["seconds"]) if save else "", milliseconds(load["seconds"]),
               f"{weights / load['seconds'] / 1e9:.2f}", f"{100 * share:.0f} %",
               f"{peak:.2f}" if weights >= 1 << 27 else ""]


HEAD = ["weights", "contender", "save ms", "load ms", "load GB/s", "slower limit / load", "peak / weights"]


def main():
    options = words()
    sizes = [size for size in SIZES if not options.only or size in options.only.split(",")]
    table, everything = [], []
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        for size in sizes:
            rounds = []
            for number in range(options.rounds):
                note(f"{size}: round {number + 1} of {options.rounds}")
                rounds.append(one_round(size, SIZES[size], Path(directory), options.newer_python))
            everything += [{"size": size, "round": n, "contender": who, "what": what, **numbers}
                           for n, found in enumerate(rounds) for (who, what), numbers in found.items()]
            table += rows_of(size, SIZES[size], medians(rounds))
    note("")
    machine = f"{platform.system()} {platform.release()}, {os.cpu_count()} processors, {options.rounds} rounds"
    widths = [max(len(row[k]) for row in [HEAD, *table]) for k in range(len(HEAD))]
    print(machine + "\n")
    for row in [HEAD, *table]:
        cells = [cell.ljust(w) if k < 2 else cell.rjust(w) for k, (cell, w) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())
    if options.json:
        Path(options.json).write_text(json.dumps({"machine": machine, "results": everything}, indent=1) + "\n")
    if options.markdown:
        lines = ["| " + " | ".join(row) + " |" for row in [HEAD, ["---"] * 2 + ["---:"] * 5, *table]]
        Path(options.markdown).write_text("\n".join(lines) + "\n")


main()
