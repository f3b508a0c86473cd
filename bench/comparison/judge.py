"""The accuracy of coefficients, from X and y alone: no contender judges itself."""

import numpy as np

import workloads


class Judge:
    """accuracy(coefficients, intercept):

    lasso, elastic-net        relative duality gap (P - D) / P(0), the intercept being the best one; of a path the largest
    logistic, sparse-logistic relative excess of the objective over a lower bound of its minimum
    linear, ridge             relative error of the coefficients against normal equations refined in this file
    predict, predict-one      largest error of a prediction, relative to the largest prediction
    """

    def __init__(self, task, data):
        self.task = task
        self.x, self.y = workloads.load(task, data)
        self.n = len(self.y)
        if task.estimator in ("lasso", "elastic-net", "lasso-path"):
            self.largest = workloads.largest_alpha(self.x, self.y, task.l1_ratio)
            self.mean = self.x.mean(0)
            self.centred = self.y - self.y.mean()
        elif task.estimator in ("predict", "predict-one"):
            self.reference = self.x @ self.y[: self.x.shape[1]] + self.y[0]
        elif task.estimator in ("logistic", "sparse-logistic"):
            self.labels = self.y.astype(int)
            self.n_classes = self.labels.max() + 1
            self.least = None
        else:
            self.reference = self.refined(1.0 if task.estimator == "ridge" else 0.0)

    def accuracy(self, coefficients, intercept):
        if self.task.estimator in ("lasso", "elastic-net"):
            return self.gap(np.ravel(coefficients), self.task.share * self.largest)
        if self.task.estimator == "lasso-path":
            return max(map(self.gap, coefficients, workloads.penalties(self.largest, self.task.share)))
        if self.task.estimator in ("predict", "predict-one"):
            return float(np.abs(np.ravel(coefficients) - self.reference).max() / np.abs(self.reference).max())
        if self.task.estimator in ("logistic", "sparse-logistic"):
            return self.excess(np.atleast_2d(coefficients), np.atleast_1d(intercept))
        return float(np.linalg.norm(np.ravel(coefficients) - self.reference) / np.linalg.norm(self.reference))

    def refined(self, alpha):
        a = self.x - self.x.mean(0)
        b = self.y - self.y.mean()
        gram = a.T @ a + alpha * np.eye(a.shape[1])
        w = np.linalg.solve(gram, a.T @ b)
        for _ in range(3):
            w += np.linalg.solve(gram, a.T @ (b - a @ w) - alpha * w)
        return w

    def gap(self, w, alpha):
        n, l1, l2 = self.n, alpha * self.task.l1_ratio, alpha * (1 - self.task.l1_ratio)
        support = np.flatnonzero(w)
        r = self.centred - (self.x[:, support] @ w[support] - self.mean[support] @ w[support])
        g = (self.x.T @ r - self.mean * r.sum()) / n - l2 * w
        primal = r @ r / (2 * n) + l1 * np.abs(w).sum() + l2 / 2 * (w @ w)
        square = r @ r / n + l2 * (w @ w)
        scale = min(1.0, l1 / np.abs(g).max())
        dual = scale * (r @ self.centred) / n - scale * scale / 2 * square
        return float((primal - dual) / (self.centred @ self.centred / (2 * n)))

    def objective(self, w, b):
        """The sum of losses + 1/2 ||w||^2 (C = 1), and its gradients for w and b."""
        scores = self.x @ w.T + b
        penalty = 0.5 * (w * w).sum()
        if scores.shape[1] == 1:
            z = scores[:, 0]
            loss = np.logaddexp(0, np.where(self.labels == 1, -z, z)).sum()
            slope = (np.exp(-np.logaddexp(0, -z)) - self.labels)[:, None]
        else:
            largest = scores.max(1, keepdims=True)
            log_sum = np.log(np.exp(scores - largest).sum(1)) + largest[:, 0]
            loss = (log_sum - scores[np.arange(self.n), self.labels]).sum()
            slope = np.exp(scores - log_sum[:, None])
            slope[np.arange(self.n), self.labels] -= 1
        return float(loss + penalty), (self.x.T @ slope).T + w, slope.sum(0)

    def excess(self, w, b):
        if self.least is None:
            self.least = self.below_minimum()
        return (self.objective(w, b)[0] - self.least) / self.least

    def below_minimum(self):
        """What no coefficients can fall below: f - ||df/dw||^2 / 2, as f is 1-strongly convex in w, less what the
        intercept may gain, at an answer of scikit-learn's, which may be any contender's: if it were a bad one, it would
        show here."""
        from sklearn.linear_model import LogisticRegression

        sparse = self.task.estimator == "sparse-logistic"
        solver = "newton-cholesky" if self.n_classes == 2 and not sparse else "newton-cg"
        model = LogisticRegression(solver=solver, tol=1e-12, max_iter=1000, fit_intercept=not sparse)
        model.fit(self.x, self.labels)
        f, slope, slope_b = self.objective(model.coef_, model.intercept_)
        gain = 0.5 * (slope * slope).sum()
        if not sparse:
            gain += np.abs(slope_b).sum() * (1 + np.abs(model.intercept_).max())
        if not gain <= 1e-11 * f:
            raise SystemExit(f"{self.task.name}: the objective of the reference may fall by {gain / f:.1e} of it")
        return f - gain
