"""Writes reference_cross_validation.inc: what scikit-learn finds by cross-validation, for cross_validation_test.cpp and
leave_one_out_test.cpp.

    python3 reference_cross_validation.py > reference_cross_validation.inc

Fold f holds the rows i with i mod 5 = f, weights are 1 + i mod 5. Lasso and ElasticNet are LassoCV and ElasticNetCV at
the tightest tolerance they reach; Ridge and LogisticRegression are scored fold by fold; LeaveOneOut is RidgeCV with its
stored squared errors, whose mean over samples comes first, then those of the first four samples.
"""

import warnings

import numpy as np
import sklearn
from sklearn.linear_model import ElasticNetCV, LassoCV, LogisticRegression, Ridge, RidgeCV
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.linear_model._coordinate_descent import _alpha_grid

from reference_scikit_learn import load


def folds(n):
    rows = np.arange(n)
    return [(rows[rows % 5 != f], rows[rows % 5 == f]) for f in range(5)]


def fold_by_fold(make, score, penalties, x, y, weight):
    """n_penalties x n_folds, weights normalised to sum to the number of training rows."""
    errors = np.zeros((len(penalties), 5))
    for f, (train, test) in enumerate(folds(len(y))):
        s = weight[train] * len(train) / weight[train].sum()
        for k, penalty in enumerate(penalties):
            model = make(penalty).fit(x[train], y[train], sample_weight=s)
            errors[k, f] = score(model, x[test], y[test], weight[test])
    return errors


def cases():
    x, y = load("diabetes")
    alphas = [20.0, 3.0, 0.5, 0.05]
    descent = {"alphas": alphas, "cv": folds(len(y)), "tol": 1e-12, "max_iter": 1_000_000}
    for weighted in (False, True):
        weight = 1.0 + np.arange(len(y)) % 5 if weighted else np.ones(len(y))
        lasso = LassoCV(**descent).fit(x, y, sample_weight=weight)
        yield "Lasso", 1.0, weighted, lasso.alphas_, lasso.mse_path_
        net = ElasticNetCV(l1_ratio=0.3, **descent).fit(x, y, sample_weight=weight)
        yield "ElasticNet", 0.3, weighted, net.alphas_, net.mse_path_
        squares = [1000.0, 10.0, 0.1]
        score = lambda m, x, y, s: mean_squared_error(y, m.predict(x), sample_weight=s)
        yield "Ridge", 0.0, weighted, squares, fold_by_fold(
            lambda a: Ridge(a, solver="svd"), score, squares, x, y, weight)
        normalised = weight * len(y) / weight.sum()
        left_out = RidgeCV(squares, store_cv_values=True).fit(x, y, sample_weight=normalised)
        values = left_out.cv_values_.T
        yield "LeaveOneOut", 0.0, weighted, squares, np.column_stack([values.mean(axis=1), values[:, :4]])
    x, y = load("breast_cancer")
    for weighted in (False, True):
        weight = 1.0 + np.arange(len(y)) % 5 if weighted else np.ones(len(y))
        cs = [1e-4, 1e-2, 1.0]
        score = lambda m, x, y, s: log_loss(y, m.predict_proba(x), sample_weight=s)
        yield "LogisticRegression", 0.0, weighted, cs, fold_by_fold(
            lambda c: LogisticRegression(C=c, solver="newton-cholesky", tol=1e-12, max_iter=10_000), score, cs, x, y,
            weight)


def numbers(values):
    return "{" + ", ".join(repr(float(value)) for value in values) + "}"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(f"// scikit-learn {sklearn.__version__}, numpy {np.__version__}: written by reference_cross_validation.py.")
    print("// estimator, l1_ratio, weighted, penalties, errors (a row a penalty, a column a fold)")
    print("// clang-format off")
    for name, l1_ratio, weighted, penalties, errors in cases():
        rows = ",\n  ".join(numbers(row) for row in errors)
        print(f'{{"{name}", {l1_ratio!r}, {str(weighted).lower()}, {numbers(penalties)},\n {{{rows}}}}},')
    x, y = load("diabetes")
    for l1_ratio in (1.0, 0.25):
        grid = _alpha_grid(x, y, l1_ratio=l1_ratio, n_alphas=100)
        print(f'{{"grid", {l1_ratio!r}, false, {{}}, {{{numbers(grid[[0, 1, 50, 99]])}}}}},')
    print("// clang-format on")
