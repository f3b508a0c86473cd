"""What the Python peers share: arguments in, times and coefficients out."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import threadpoolctl

sys.path.append(str(Path(__file__).resolve().parent.parent))  # for workloads


def arguments(skip=1):
    estimator, data, out, alpha, l1_ratio, tolerance, threads = sys.argv[skip:]
    x, y = np.load(data + "-X.npy"), np.load(data + "-y.npy")
    return estimator, x, y, out, float(alpha), float(l1_ratio), float(tolerance), int(threads)


def megabytes(name):
    """A line of /proc/self/status: VmRSS is what the process holds, VmHWM the most it held."""
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name + ":")) / 1024


def blas():
    """The libraries of linear algebra that numpy and scipy have loaded, with the kernels that they chose."""
    loaded = {f"{pool['internal_api']} {pool['version']} ({pool.get('architecture', 'unknown')})"
              for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"}
    return ", ".join(sorted(loaded)) or "no BLAS"


def measure(fit, out, version, least=3, most=9, budget=6.0):
    """One fit unmeasured, then several within the budget of seconds. fit: () -> (intercept, coefficients)."""
    before = megabytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    start = time.perf_counter()
    intercept, coefficients = fit()
    first = time.perf_counter() - start
    memory = megabytes("VmHWM") - before
    seconds = []
    if first > budget:
        seconds.append(first)
    while first <= budget and len(seconds) < most and (len(seconds) < least or sum(seconds) < budget):
        start = time.perf_counter()
        fit()
        seconds.append(time.perf_counter() - start)
    intercept = np.atleast_1d(np.asarray(intercept, float))
    np.concatenate([intercept, np.ravel(np.asarray(coefficients, float))]).tofile(out)
    print(json.dumps({"seconds": seconds, "megabytes": memory, "outputs": len(intercept),
                      "version": f"{version}, {blas()}"}))
