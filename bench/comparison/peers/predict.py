"""A matrix product with numpy: what a batch of predictions costs at least."""

import numpy as np

import timing

estimator, x, y, out, alpha, l1_ratio, tolerance, threads = timing.arguments()
w, b = y[: x.shape[1]], y[0]
timing.measure(lambda: (0.0, x @ w + b), out, f"numpy {np.__version__}")
