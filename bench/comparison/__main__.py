"""Compares solvers of linear models: same data, fresh processes, interleaved, one independent judge of accuracy."""

import json
import os
import re
import sys
from pathlib import Path

import arguments

options = arguments.parse()  # before what needs the packages of the peers

import contenders
import judge
import report
import workloads

ROOT = Path(__file__).resolve().parent.parent.parent


def compare(task, threads, options, the_judge, data):
    """The runs of every contender. The first round climbs a ladder of tolerances until the answer is accurate enough,
    the others repeat the last rung."""
    runs = {}
    ladders = {contender: contender.tolerances(task) for contender in contenders.of(task, options.native)
               if not re.search(options.without, contender.name)}
    for number in range(1, options.rounds + 1):
        for contender, ladder in ladders.items():
            for tolerance in ladder:
                report.progress(f"{task.name}, {threads} thread{'s'[:threads > 1]}, round {number}: {contender.name}")
                run = contender.run(ROOT, task, data, threads, tolerance)
                if run is None:
                    continue
                accuracy = the_judge.accuracy(run["coefficients"], run["intercept"])
                entry = {"task": task.name, "threads": threads, "contender": contender.name, "tolerance": tolerance,
                         "demanded": task.accuracy, "accuracy": accuracy, "version": run["version"], "seconds": [],
                         "medians": [], "megabytes": []}
                entry = runs.setdefault((contender.name, tolerance), entry)
                entry["seconds"] += run["seconds"]
                entry["medians"].append(report.median(run["seconds"]))
                entry["megabytes"].append(run["megabytes"])
                ladders[contender] = (tolerance,)
                if accuracy <= task.accuracy:
                    break
    report.progress("")
    return list(runs.values())


def run_all(tasks, options, data, results):
    """Adds the runs of each task to results, task by task."""
    for task in tasks:
        workloads.make(task, data)
        the_judge = judge.Judge(task, data)
        for threads in [int(text) for text in options.threads.split(",")]:
            runs = compare(task, threads, options, the_judge, data)
            results += runs
            print(report.table(task, threads, runs))
            sys.stdout.flush()


def main(options):
    tasks = [task for task in workloads.TASKS if re.search(options.only, task.name)]
    if options.list or not tasks:
        print("\n".join(task.name for task in (tasks or workloads.TASKS)))
        return 0 if options.list else f"no task matches {options.only}"
    data = ROOT / "build" / "compare" / "data"
    results = []
    machine = report.machine()
    try:
        for file in options.stored:
            stored = json.loads(Path(file).read_text())
            results += stored["results"]
            machine = stored["machine"]
        if not options.stored:
            run_all(tasks, options, data, results)
    except KeyboardInterrupt:
        print("\nstopped; what is complete follows", file=sys.stderr)
    print(report.summary(results))
    if options.json:
        Path(options.json).write_text(json.dumps({"machine": machine, "results": results}, indent=1) + "\n")
    if options.markdown:
        Path(options.markdown).write_text(report.markdown(results, machine))
    if options.svg:
        Path(options.svg).write_text(report.svg(results))
    return 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(options))
