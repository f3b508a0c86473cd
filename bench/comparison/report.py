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
    ours = next((row for row in rows if row["contender"] == "aprender"), None)
    for row in best_of(rows):
        seconds = median(row["seconds"])
        spread = (max(row["medians"]) - min(row["medians"])) / 2 / seconds
        ratio = "" if ours is None or row is ours else f"{seconds / median(ours['seconds']):.2f}x"
        short = "" if row["accuracy"] <= row["demanded"] else "short of the accuracy"
        yield (row["contender"], f"{seconds * 1e3:.2f}", f"{100 * spread:.0f} %", f"{row['accuracy']:.1e}",
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


def svg(results):
    """Bars of the ratios, logarithmic, 1 being the fastest peer's time."""
    import math

    rows = list(ratios(results))
    height, left, scale = 22, 300, 110
    top = 52
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + 4 * scale}" height="{top + height * len(rows) + 20}" '
             'font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="{left}" y="20">times faster than the fastest peer of the same accuracy</text>']
    for power in range(-1, 3):
        x = left + scale * (1 + power)
        parts.append(f'<line x1="{x}" x2="{x}" y1="{top - 6}" y2="{top + height * len(rows)}" stroke="#ccc"/>'
                     f'<text x="{x}" y="{top - 10}" text-anchor="middle" fill="#666">{10 ** power:g}</text>')
    for i, (task, threads, peer, ratio, _) in enumerate(rows):
        y = top + height * i
        end = left + scale * (1 + max(-1.0, min(2.9, math.log10(ratio))))
        start, zero = min(end, left + scale), max(end, left + scale)
        colour = "#2a7" if ratio >= 1 else "#c53"
        parts.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{task}, {threads} thr.</text>'
                     f'<rect x="{start:.1f}" y="{y + 3}" width="{max(1.0, zero - start):.1f}" height="{height - 8}" fill="{colour}"/>'
                     f'<text x="{zero + 5:.1f}" y="{y + 14}">{ratio:.2g}x {peer}</text>')
    return "\n".join(parts) + "\n</svg>\n"


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 platform.processor())
    compiler = subprocess.run(["c++", "--version"], capture_output=True, text=True).stdout.splitlines()[:1]
    return f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.release()}, {(compiler or ['?'])[0]}"
