"""scikit-learn's estimators with the arguments of the task."""

import sys
import warnings

import sklearn
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression, Ridge

import timing

warnings.filterwarnings("ignore")  # a loose tolerance of the ladder may not converge, and is judged by its coefficients
variant = sys.argv[1]
estimator, x, y, out, alpha, l1_ratio, tolerance, threads = timing.arguments(2)


def fitted():
    if estimator == "linear":
        return LinearRegression().fit(x, y)
    if estimator == "ridge":
        return Ridge(alpha=alpha).fit(x, y)
    if estimator == "logistic":
        solver = "lbfgs" if variant == "default" else variant
        iterations = 10_000 if variant != "default" else 3_000
        return LogisticRegression(solver=solver, tol=tolerance, max_iter=iterations).fit(x, y)
    return ElasticNet(alpha=alpha, l1_ratio=l1_ratio, tol=tolerance, max_iter=100_000).fit(x, y)


def fit():
    model = fitted()
    return model.intercept_, model.coef_


timing.measure(fit, out, f"scikit-learn {sklearn.__version__}")
