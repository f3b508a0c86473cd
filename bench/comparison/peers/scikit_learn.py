"""scikit-learn's estimators with the arguments of the task."""

import sys
import warnings

import sklearn
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression, Ridge, lasso_path

import numpy as np

import timing
import workloads

warnings.filterwarnings("ignore")  # a loose tolerance of the ladder may not converge, and is judged by its coefficients
variant = sys.argv[1]
estimator, x, y, out, alpha, l1_ratio, tolerance, threads = timing.arguments(2)


def fitted():
    if estimator == "linear":
        return LinearRegression().fit(x, y)
    if estimator == "ridge":
        return Ridge(alpha=alpha).fit(x, y)
    if estimator in ("logistic", "sparse-logistic"):
        solver = "lbfgs" if variant == "default" else variant
        iterations = 10_000 if variant != "default" else 3_000
        model = LogisticRegression(solver=solver, tol=tolerance, max_iter=iterations, dual=variant == "liblinear",
                                   fit_intercept=estimator == "logistic")
        return model.fit(x, y)
    return ElasticNet(alpha=alpha, l1_ratio=l1_ratio, tol=tolerance, max_iter=100_000).fit(x, y)


def fit():
    if estimator == "lasso-path":  # alpha is the first, l1_ratio the share of the last
        centred = x - x.mean(0)
        _, coefficients, _ = lasso_path(centred, y - y.mean(), alphas=workloads.penalties(alpha, l1_ratio),
                                        tol=tolerance, max_iter=100_000, copy_X=False)
        return np.zeros(100), coefficients.T
    if estimator == "predict":
        return 0.0, given.predict(x)
    if estimator == "predict-one":
        return 0.0, np.concatenate([given.predict(x[i : i + 1]) for i in range(len(x))])
    model = fitted()
    return model.intercept_, model.coef_


if estimator == "sparse-logistic":
    x = workloads.sparse(x, len(y))
if estimator in ("predict", "predict-one"):  # the first entries of y as a model
    given = LinearRegression()
    given.coef_, given.intercept_ = y[: x.shape[1]], y[0]


timing.measure(fit, out, f"scikit-learn {sklearn.__version__}")
