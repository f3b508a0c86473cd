"""Tables, chart and the machine they were made on."""

import os
import platform
import subprocess
import sys
from collections import defaultdict


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def milliseconds(seconds):
    return f"{seconds * 1e3:.2f}" if seconds >= 1e-3 else f"{seconds * 1e3:.4f}"


def best_of(rows):
    """For each contender its fastest run that is accurate enough, else its most accurate one."""
    chosen = {}
    for row in rows:
        enough = row["accuracy"] <= row["demanded"]
        key = (not enough, median(row["seconds"]) if enough else row["accuracy"])
        name = row["contender"]
        if name not in chosen or key < chosen[name][0]:
            chosen[name] = (key, row)
    return [row for _, row in sorted(chosen.values(), key=lambda pair: pair[0])]


def lines_of(rows):
    best = best_of(rows)
    ours = next((row for row in best if row["contender"] == "aprender"), None)
    for row in best:
        seconds = median(row["seconds"])
        spread = (max(row["medians"]) - min(row["medians"])) / 2 / seconds
        ratio = "" if ours is None or row is ours else f"{seconds / median(ours['seconds']):.2f}x"
        short = "" if row["accuracy"] <= row["demanded"] else "short of the accuracy"
        yield (row["contender"], milliseconds(seconds), f"{100 * spread:.0f} %", f"{row['accuracy']:.1e}",
               f"{median(row['megabytes']):.0f}", ratio, short)


HEAD = ("contender", "ms", "spread", "accuracy", "MB", "against aprender", "")


def table(task, threads, rows):
    lines = [HEAD, *lines_of(rows)]
    widths = [max(len(line[c]) for line in lines) for c in range(len(HEAD))]
    text = [f"\n{task.name}, {threads} thread{'s'[:threads > 1]} (accuracy demanded {task.accuracy:g})"]
    for line in lines:
        text.append("  " + line[0].ljust(widths[0]) + "".join("  " + cell.rjust(w) for cell, w in zip(line[1:6], widths[1:6]))
                    + "  " + line[6])
    return "\n".join(line.rstrip() for line in text)


def ratios(results):
    """(task, threads, fastest peer, its time / ours, accurate) for every task that we and a peer did."""
    groups = defaultdict(list)
    for row in results:
        groups[row["task"], row["threads"]].append(row)
    for (task, threads), rows in groups.items():
        best = best_of(rows)
        ours = next((row for row in best if row["contender"] == "aprender"), None)
        peers = [row for row in best if row is not ours and row["accuracy"] <= row["demanded"]]
        if ours and peers:
            ratio = median(peers[0]["seconds"]) / median(ours["seconds"])
            yield task, threads, peers[0]["contender"], ratio, ours["accuracy"] <= ours["demanded"]


def summary(results):
    rows = list(ratios(results))
    if not rows:
        return ""
    width = max(len(row[0]) for row in rows)
    text = ["\nTime of the fastest peer that is accurate enough, against ours"]
    for task, threads, peer, ratio, accurate in rows:
        note = "" if accurate else "  (we are short of the accuracy)"
        text.append(f"  {task.ljust(width)}  {threads} thr.  {ratio:7.2f}x  {peer}{note}")
    return "\n".join(text)


def markdown(results, where):
    text = [f"Machine: {where}\n"]
    groups = defaultdict(list)
    for row in results:
        groups[row["task"], row["threads"]].append(row)
    text += ["| task | threads | contender | ms | spread | accuracy | MB | against aprender |", "|---|---|---|---|---|---|---|---|"]
    for (task, threads), rows in groups.items():
        for contender, ms, spread, accuracy, memory, ratio, short in lines_of(rows):
            text.append(f"| {task} | {threads} | {contender} | {ms} | {spread} | {accuracy}{' (short)' if short else ''} | {memory} | {ratio} |")
    versions = sorted({row["version"] for row in results})
    return "\n".join(text) + "\n\nVersions: " + "; ".join(versions) + "\n"


COLOURS = {1: "#1f6f8b", 2: "#7fb8c9"}  # by number of threads
BEHIND = {1: "#b5462f", 2: "#dd9a87"}


def svg(results):
    """A bar for each task and number of threads: the fastest peer's time over ours, on a logarithmic axis."""
    import math

    rows = list(ratios(results))
    tasks = list(dict.fromkeys(row[0] for row in rows))
    threads = sorted({row[1] for row in rows})
    bar, gap, left, top, decade = 13, 9, 230, 74, 170
    group = bar * len(threads) + gap
    low, high = -0.5, max([1.0] + [math.log10(row[3]) for row in rows])
    width, height = left + decade * (high - low) + 200, top + group * len(tasks) + 10

    def x_of(ratio):
        return left + decade * (max(low, math.log10(ratio)) - low)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
             f'viewBox="0 0 {width:.0f} {height}" font-family="Helvetica, Arial, sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>',
             '<text x="12" y="22" font-size="15" font-weight="bold">Time of the fastest peer of sufficient accuracy over '
             'that of aprender</text>']
    x = 12
    for n in threads:
        parts.append(f'<rect x="{x}" y="34" width="11" height="11" fill="{COLOURS.get(n, COLOURS[1])}"/>'
                     f'<text x="{x + 16}" y="44">{n} thread{"s" if n > 1 else ""}</text>')
        x += 90
    parts.append(f'<text x="{x}" y="44" fill="#666">red: behind; logarithmic</text>')
    for tick in (0.5, 1, 2, 5, 10, 20, 50, 100):
        if low <= math.log10(tick) <= high:
            colour = "#555" if tick == 1 else "#ddd"
            parts.append(f'<line x1="{x_of(tick):.1f}" x2="{x_of(tick):.1f}" y1="{top - 6}" y2="{height - 10}" stroke="{colour}"/>'
                         f'<text x="{x_of(tick):.1f}" y="{top - 10}" text-anchor="middle" fill="#666">{tick:g}</text>')
    for i, task in enumerate(tasks):
        y = top + group * i
        parts.append(f'<text x="{left - 10}" y="{y + bar * len(threads) / 2 + 4:.1f}" text-anchor="end">{task}</text>')
        for _, n, peer, ratio, _ in (row for row in rows if row[0] == task):
            at = y + bar * threads.index(n)
            start, end = sorted((x_of(1), x_of(ratio)))
            colours = COLOURS if ratio >= 1 else BEHIND
            parts.append(f'<rect x="{start:.1f}" y="{at + 1}" width="{max(1.0, end - start):.1f}" height="{bar - 2}" '
                         f'fill="{colours.get(n, colours[1])}"/>'
                         f'<text x="{end + 5:.1f}" y="{at + 10.5}" font-size="10.5" fill="#333">{ratio:.3g}x {peer}</text>')
    return "\n".join(parts) + "\n</svg>\n"


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 platform.processor())
    compiler = subprocess.run(["c++", "--version"], capture_output=True, text=True).stdout.splitlines()[:1]
    return f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.release()}, {(compiler or ['?'])[0]}"
