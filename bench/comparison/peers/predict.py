"""A matrix product with numpy, or a product a row: what predictions cost at least in Python."""

import numpy as np

import timing

estimator, x, y, out, alpha, l1_ratio, tolerance, threads = timing.arguments()
w, b = y[: x.shape[1]], y[0]
predictions = {"predict": lambda: x @ w + b, "predict-one": lambda: np.array([row @ w + b for row in x])}[estimator]
timing.measure(lambda: (0.0, predictions()), out, f"numpy {np.__version__}")
