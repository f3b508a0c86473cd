"""Writes reference_scikit_learn.inc: what scikit-learn answers on the data of examples/data, for agreement_test.cpp.

    python3 reference_scikit_learn.py > reference_scikit_learn.inc

Every solver of scikit-learn runs at the tightest tolerance it reaches, digits only in double. Weights are 1 + i mod 5, normalised to sum to n as
aprender does; "float" data are rounded to single precision and then solved in double.
"""

import csv
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge

DATA = pathlib.Path(__file__).resolve().parents[2] / "examples" / "data"


def load(name):
    """Features and target; text labels become their index in sorted order."""
    with open(DATA / f"{name}.csv", newline="") as file:
        rows = list(csv.reader(file))[1:]
    x = np.array([row[:-1] for row in rows], dtype=float)
    target = [row[-1] for row in rows]
    try:
        y = np.array(target, dtype=float)
    except ValueError:
        y = np.searchsorted(sorted(set(target)), target).astype(float)
    return x, y


def logistic(c, fit_intercept, n_classes):
    solver = "newton-cholesky" if n_classes == 2 else "newton-cg"
    return LogisticRegression(C=c, fit_intercept=fit_intercept, solver=solver, multi_class="auto", tol=1e-12,
                              max_iter=10_000)


def cases():
    regression = {"diabetes": ([1.0, 100.0], [1.0, 0.05]), "diamonds": ([10.0], [5.0]), "longley": ([1.0], [100.0]),
                  "breast_cancer": ([0.1], [0.01])}
    for data, (ridges, lassos) in regression.items():
        for intercept in (True, False):
            for weighted in (False, True):
                common = (data, intercept, weighted)
                yield *common, "LinearRegression", 0.0, 0.0, LinearRegression(fit_intercept=intercept)
                for alpha in ridges:
                    yield *common, "Ridge", alpha, 0.0, Ridge(alpha, fit_intercept=intercept, solver="svd")
                # Without an intercept the columns of Longley's data are all but parallel and descent does not arrive.
                for alpha in [] if data == "longley" and not intercept else lassos:
                    descent = {"fit_intercept": intercept, "tol": 1e-12, "max_iter": 1_000_000, "precompute": True}
                    yield *common, "Lasso", alpha, 0.0, Lasso(alpha, **descent)
                    yield *common, "ElasticNet", alpha, 0.3, ElasticNet(alpha, l1_ratio=0.3, **descent)
    for intercept in (True, False):
        for weighted in (False, True):
            for c in (1e-3, 1.0):
                yield "breast_cancer", intercept, weighted, "LogisticRegression", c, 0.0, logistic(c, intercept, 2)
    yield "digits", True, False, "LogisticRegression", 1e-2, 0.0, logistic(1e-2, True, 10)
    yield "digits", False, True, "LogisticRegression", 1e-2, 0.0, logistic(1e-2, False, 10)


def numbers(values):
    return "{" + ", ".join(repr(float(value)) for value in np.ravel(values)) + "}"


def main():
    print(f"// scikit-learn {sklearn.__version__}, numpy {np.__version__}: written by reference_scikit_learn.py, not by hand.")
    print("// data, scalar, estimator, alpha or C, l1_ratio, intercept fitted, weighted, coefficients, intercept")
    print("// clang-format off")
    warnings.simplefilter("ignore")  # a solver at the limit of its digits says so; the test measures how close it came
    for data, intercept, weighted, name, strength, l1_ratio, estimator in cases():
        x, y = load(data)
        weight = 1.0 + np.arange(len(y)) % 5
        weight *= len(y) / weight.sum()
        for scalar in ("double",) if data == "digits" else ("float", "double"):
            rounded = x.astype(np.float32).astype(float) if scalar == "float" else x
            target = y.astype(np.float32).astype(float) if scalar == "float" else y
            estimator.fit(rounded, target, sample_weight=weight if weighted else None)
            flags = f"{str(intercept).lower()}, {str(weighted).lower()}"
            print(f'{{"{data}", "{scalar}", "{name}", {strength}, {l1_ratio}, {flags},')
            print(f" {numbers(estimator.coef_)}, {numbers(estimator.intercept_)}}},")


if __name__ == "__main__":
    main()
