"""Bending probabilities towards observed frequencies: sigmoid (Platt) or isotonic, kept as plain numbers."""

from __future__ import annotations

from typing import Literal

import numpy as np

from penstock.core.kind import Definition

EPSILON = 1e-12


class Curve(Definition):
    """One class's probability → its calibrated one. Sigmoid: 1 / (1 + exp(−(a·logit + b))); isotonic: points."""

    a: float = 1.0
    b: float = 0.0
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()

    def bend(self, proba: np.ndarray) -> np.ndarray:
        if self.x:
            return np.interp(proba, self.x, self.y)
        return 1.0 / (1.0 + np.exp(-np.clip(self.a * logit(proba) + self.b, -700, 700)))


class Calibrator(Definition):
    """One curve for the positive class of a binary model, or one per class, then rescaled to sum to 1."""

    method: Literal["sigmoid", "isotonic"]
    curves: tuple[Curve, ...]

    def bend(self, proba: np.ndarray) -> np.ndarray:
        """(n, k) → (n, k)"""
        if len(self.curves) == 1:
            positive = self.curves[0].bend(proba[:, 1])
            return np.column_stack([1.0 - positive, positive])
        bent = np.column_stack([c.bend(proba[:, k]) for k, c in enumerate(self.curves)])
        total = bent.sum(axis=1, keepdims=True)
        return np.where(total > 0, bent / np.where(total > 0, total, 1.0), 1.0 / bent.shape[1])


def fit(
    method: Literal["sigmoid", "isotonic"], proba: np.ndarray, codes: np.ndarray, weights: np.ndarray | None
) -> Calibrator:
    """Learn from held-out rows: (n, k) probabilities and (n,) class codes."""
    count = proba.shape[1]
    places = [1] if count == 2 else list(range(count))
    learn = _sigmoid if method == "sigmoid" else _isotonic
    curves = tuple(learn(proba[:, k], (codes == k).astype(np.float64), weights) for k in places)
    return Calibrator(method=method, curves=curves)


def logit(proba: np.ndarray, epsilon: float = EPSILON) -> np.ndarray:
    """log(p / (1 − p)), with p kept 1e-12 (or epsilon) away from 0 and 1."""
    p = np.clip(proba, epsilon, 1 - epsilon)
    return np.log(p) - np.log1p(-p)


def _sigmoid(proba: np.ndarray, hit: np.ndarray, weights: np.ndarray | None) -> Curve:
    """Logistic regression on the log-odds, with Platt's softened targets (n₊+1)/(n₊+2) and 1/(n₋+2)."""
    from scipy.optimize import minimize
    from scipy.special import expit

    x = logit(proba)
    w = np.ones(len(x)) if weights is None else weights
    positives, negatives = float(w[hit == 1].sum()), float(w[hit == 0].sum())
    goal = np.where(hit == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(ab: np.ndarray) -> tuple[float, np.ndarray]:
        z = ab[0] * x + ab[1]
        value = float(np.sum(w * (np.logaddexp(0, z) - goal * z)))
        slope = w * (expit(z) - goal)
        return value, np.array([float(np.sum(slope * x)), float(np.sum(slope))])

    best = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B").x
    return Curve(a=float(best[0]), b=float(best[1]))


def _isotonic(proba: np.ndarray, hit: np.ndarray, weights: np.ndarray | None) -> Curve:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    fitted.fit(proba, hit, sample_weight=weights)
    return Curve(
        x=tuple(float(v) for v in fitted.X_thresholds_), y=tuple(float(v) for v in fitted.y_thresholds_)
    )
