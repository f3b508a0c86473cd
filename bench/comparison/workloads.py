"""The tasks and their data, from fixed seeds."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Task:
    name: str
    data: str  # of GENERATORS
    estimator: str  # linear, ridge, lasso, elastic-net, lasso-path, logistic, sparse-logistic, predict, predict-one
    accuracy: float  # what the judge demands: relative duality gap, gap of the objective, or error of coefficients
    share: float = 0.0  # alpha as a share of the smallest that leaves no coefficient; of a path, the last of 100
    l1_ratio: float = 1.0
    settings: dict = field(default_factory=dict, hash=False)


def correlated(rng, n, p, rho):
    """Rows of an AR(1) process: neighbouring columns have correlation rho."""
    x = rng.standard_normal((n, p))
    for j in range(1, p):
        if rho:
            x[:, j] = rho * x[:, j - 1] + np.sqrt(1 - rho * rho) * x[:, j]
    return x


def regression(n, p, seed):
    rng = np.random.default_rng(seed)
    x = correlated(rng, n, p, 0.5) + 0.5
    y = x @ rng.standard_normal(p) + 2.0 + 0.5 * np.sqrt(p) * rng.standard_normal(n)
    return np.ascontiguousarray(x), y


def few_columns(n, p, relevant, rho, seed):
    rng = np.random.default_rng(seed)
    x = correlated(rng, n, p, rho) + 0.2
    w = np.zeros(p)
    w[rng.choice(p, relevant, replace=False)] = rng.choice([-1, 1], relevant) * (0.5 + rng.random(relevant))
    signal = x @ w
    return np.asfortranarray(x), signal + 3.0 + rng.standard_normal(n) * signal.std() / 3.0


def two_classes(n, p, seed, scales=None):
    rng = np.random.default_rng(seed)
    x = correlated(rng, n, p, 0.5) + 0.2
    log_odds = x @ (rng.standard_normal(p) * 2.0 / np.sqrt(p)) - 0.3
    y = (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(np.float64)
    return np.ascontiguousarray(x if scales is None else x * scales), y


def classes(n, p, k, seed):
    rng = np.random.default_rng(seed)
    x = correlated(rng, n, p, 0.5) + 0.2
    scores = x @ (rng.standard_normal((p, k)) * 1.5 / np.sqrt(p)) + rng.gumbel(size=(n, k))
    return np.ascontiguousarray(x), scores.argmax(1).astype(np.float64)


def documents(n, p, entries, seed):
    """Sparse rows with columns as skewed as words, for logistic regression without an intercept."""
    import scipy.sparse

    rng = np.random.default_rng(seed)
    columns = np.minimum((p * rng.random((n, entries)) ** 2.5).astype(np.int64), p - 1)
    values = rng.exponential(size=(n, entries))
    x = scipy.sparse.csr_matrix((values.ravel(), columns.ravel(), np.arange(0, n * entries + 1, entries)), shape=(n, p))
    x.sum_duplicates()
    log_odds = x @ (rng.standard_normal(p) * 0.5)
    return x, (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(np.float64)


GENERATORS = {
    "regression-200kx100": lambda: regression(200_000, 100, 1),
    "regression-20kx1k": lambda: regression(20_000, 1_000, 2),
    "sparse-10kx1k": lambda: few_columns(10_000, 1_000, 50, 0.0, 11),
    "sparse-10kx1k-ar": lambda: few_columns(10_000, 1_000, 50, 0.5, 12),
    "sparse-500x20k": lambda: few_columns(500, 20_000, 30, 0.0, 13),
    "sparse-500x20k-ar": lambda: few_columns(500, 20_000, 30, 0.5, 14),
    "sparse-1kx50k": lambda: few_columns(1_000, 50_000, 50, 0.0, 15),
    "two-classes-100kx100": lambda: two_classes(100_000, 100, 21),
    "two-classes-100kx100-scaled": lambda: two_classes(100_000, 100, 21, np.logspace(-1.5, 1.5, 100)),
    "two-classes-10kx1k": lambda: two_classes(10_000, 1_000, 22),
    "ten-classes-20kx100": lambda: classes(20_000, 100, 10, 23),
    "documents-50kx100k": lambda: documents(50_000, 100_000, 50, 24),
    "rows-1mx100": lambda: regression(1_000_000, 100, 3),
    "rows-1kx100": lambda: regression(1_000, 100, 4),
}


def penalised(data, l1_ratio, share):
    kind = "lasso" if l1_ratio == 1 else "elastic-net"
    return Task(f"{kind}-{data.removeprefix('sparse-')}-{share:g}", data, kind, 1e-8, share, l1_ratio)


TASKS = [
    *(Task(f"{e}-{d}", f"regression-{d}", e, 1e-9) for e in ("linear", "ridge") for d in ("200kx100", "20kx1k")),
    *(penalised(data, 1.0, share) for data in GENERATORS if data.startswith("sparse") for share in (0.1, 0.01)),
    *(penalised(data, 0.5, 0.01) for data in ("sparse-10kx1k", "sparse-500x20k")),
    *(Task(f"lasso-{d}-0.01-float", f"sparse-{d}-float", "lasso", 1e-4, 0.01) for d in ("10kx1k", "500x20k")),
    Task("lasso-path-10kx1k", "sparse-10kx1k", "lasso-path", 1e-6, 1e-3),
    *(Task(f"lasso-path-{d}", f"sparse-{d}", "lasso-path", 1e-6, 1e-2) for d in ("500x20k", "1kx50k")),
    *(Task(f"logistic-{d}", f"two-classes-{d}", "logistic", 1e-8) for d in ("100kx100", "100kx100-scaled", "10kx1k")),
    Task("logistic-ten-classes-20kx100", "ten-classes-20kx100", "logistic", 1e-8),
    Task("logistic-documents-50kx100k", "documents-50kx100k", "sparse-logistic", 1e-8),
    Task("predict-1mx100", "rows-1mx100", "predict", 1e-12),
    Task("predict-one-1kx100", "rows-1kx100", "predict-one", 1e-12),  # a row at a time: ms are microseconds a row
]


def make(task, directory: Path):
    """Writes X and y unless they are there."""
    directory.mkdir(parents=True, exist_ok=True)
    if (directory / f"{task.data}-y.npy").exists():
        return
    x, y = GENERATORS[task.data.removesuffix("-float")]()
    if task.estimator == "sparse-logistic":  # one row (row, column, value) an entry, sorted
        x = np.column_stack([np.repeat(np.arange(x.shape[0]), np.diff(x.indptr)), x.indices, x.data])
    np.save(directory / f"{task.data}-X.npy", x.astype(np.float32) if task.data.endswith("-float") else x)
    np.save(directory / f"{task.data}-y.npy", y)


def sparse(entries, n):
    """The CSR matrix of a file of entries."""
    import scipy.sparse

    rows, columns = entries[:, 0].astype(np.int32), entries[:, 1].astype(np.int32)
    return scipy.sparse.csr_matrix((np.ascontiguousarray(entries[:, 2]), (rows, columns)), shape=(n, columns.max() + 1))


def load(task, directory: Path):
    """X in double precision and y."""
    x, y = np.load(directory / f"{task.data}-X.npy"), np.load(directory / f"{task.data}-y.npy")
    if task.estimator == "sparse-logistic":
        return sparse(x, len(y)), y
    return x.astype(np.float64, copy=False), y



def penalties(largest, share):
    """Those of a path."""
    return largest * share ** (np.arange(100) / 99)


def largest_alpha(x, y, l1_ratio):
    """The smallest alpha that leaves no coefficient."""
    centred = y - y.mean()
    return float(np.abs(x.T @ centred - x.mean(0) * centred.sum()).max() / len(y) / l1_ratio)
