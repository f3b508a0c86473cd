"""Who is compared, and how each is run: a fresh process a run, one JSON line out."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import workloads

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Contender:
    name: str
    command: tuple  # before the arguments; {root} is replaced
    estimators: tuple
    ladder: tuple = (None,)  # tolerances to try, from loose to strict

    def tolerances(self, task):
        return (None,) if task.estimator in ("linear", "ridge", "predict", "predict-one") else self.ladder

    def run(self, root, task, data, threads, tolerance):
        """{seconds, coefficients, intercept, version}, or None if it failed, which is said."""
        with tempfile.TemporaryDirectory() as directory:
            out = Path(directory) / "out"
            words = [word.format(root=root, here=HERE) for word in self.command]
            words += [task.estimator, str(data / task.data), str(out)]
            alpha = 1.0
            if task.estimator in ("lasso", "elastic-net"):
                alpha = task.share * cached_largest_alpha(task, data)
            if task.estimator == "lasso-path":
                alpha = cached_largest_alpha(task, data)
            # The last word but two is l1_ratio, or of a path the share of its last alpha.
            ratio = task.share if task.estimator == "lasso-path" else task.l1_ratio
            words += [repr(float(alpha)), repr(ratio), repr(tolerance or 0.0), str(threads)]
            # A kernel for another processor, chosen in the environment, would hold the peers back.
            environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
            environment |= {"OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
            # Huge pages for whatever is allocated, which numpy asks for itself and others do not.
            environment["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1"
            done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=1800)
            if done.returncode != 0:
                last = (done.stderr.strip().splitlines() or ["no message"])[-1]
                print(f"\n{self.name} failed on {task.name}: {last}", file=sys.stderr)
                return None
            result = json.loads(done.stdout.strip().splitlines()[-1])
            numbers = np.fromfile(out)
        outputs = result.get("outputs", 1)
        result["intercept"] = numbers[:outputs]
        result["coefficients"] = numbers[outputs:].reshape(outputs, -1)
        return result


_largest = {}


def cached_largest_alpha(task, data):
    key = (task.data, task.l1_ratio)
    if key not in _largest:
        _largest[key] = workloads.largest_alpha(*workloads.load(task, data), task.l1_ratio)
    return _largest[key]


PYTHON = "/usr/bin/python3"
CONTENDERS = [
    Contender("aprender", ("{root}/build/compare/bench/bench_solve",),
              ("linear", "ridge", "lasso", "elastic-net", "lasso-path", "logistic", "sparse-logistic", "predict",
               "predict-one"),
              (1e-3, 1e-4, 1e-5, 1e-6, 1e-8)),
    Contender("scikit-learn", (PYTHON, "{here}/peers/scikit_learn.py", "default"),
              ("linear", "ridge", "lasso", "elastic-net", "lasso-path", "logistic", "sparse-logistic", "predict",
               "predict-one"),
              (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)),
    Contender("scikit-learn newton-cg", (PYTHON, "{here}/peers/scikit_learn.py", "newton-cg"),
              ("logistic", "sparse-logistic"), (1e-3, 1e-4, 1e-6, 1e-8)),
    Contender("LIBLINEAR dual", (PYTHON, "{here}/peers/scikit_learn.py", "liblinear"), ("sparse-logistic",),
              (1e-2, 1e-3, 1e-4, 1e-6)),
    Contender("scikit-learn newton-cholesky", (PYTHON, "{here}/peers/scikit_learn.py", "newton-cholesky"),
              ("logistic",), (1e-3, 1e-4, 1e-6, 1e-8)),
    Contender("numpy normal equations", (PYTHON, "{here}/peers/normal_equations.py"), ("linear", "ridge")),
    Contender("numpy", (PYTHON, "{here}/peers/predict.py"), ("predict", "predict-one")),
    Contender("glmnet", ("Rscript", "{here}/peers/glmnet.R"), ("lasso", "lasso-path", "logistic"),
              (1e-7, 1e-9, 1e-11, 1e-13)),
]


# Ours, built for this very processor instead of with default flags.
NATIVE = Contender("aprender -march=native", ("{root}/build/compare-native/bench/bench_solve",), CONTENDERS[0].estimators,
                   CONTENDERS[0].ladder)


def of(task, native=False):
    chosen = [contender for contender in CONTENDERS if task.estimator in contender.estimators]
    if native:  # and no peers
        return [CONTENDERS[0], NATIVE]
    if task.data.endswith("-float"):  # R has no single precision
        chosen = [contender for contender in chosen if contender.name != "glmnet"]
    if task.data.startswith("ten-classes"):
        # One fits each class against the rest, which is another model, the other takes more than four minutes a fit.
        chosen = [contender for contender in chosen if contender.name not in ("scikit-learn newton-cholesky", "glmnet")]
    return chosen
