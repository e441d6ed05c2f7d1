"""Writes the expected metrics of `crates/microau-eval/tests/goldens.rs`, computed by scikit-learn and NumPy.

    python reference/eval_golden.py crates/microau-eval/tests/assets/metrics.json

Cases: random labels and scores at several prevalences, scores with many ties, and the degenerate ones (no positives,
no negatives, one sample, constant scores, perfect and reversed order). A figure that scikit-learn would replace by a
default because its denominator is empty is written as null.
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, precision_score, recall_score, roc_auc_score

THRESHOLD = 0.5
BINS = 10


def figures(labels, scores):
    """All figures of one case, None where undefined."""
    labels, scores = np.asarray(labels, bool), np.asarray(scores, float)
    predicted = scores >= THRESHOLD
    some, both = labels.any(), labels.any() and not labels.all()
    out = {
        "precision": precision_score(labels, predicted) if predicted.any() else None,
        "recall": recall_score(labels, predicted) if some else None,
        "f1": f1_score(labels, predicted, zero_division=0) if some else None,
        "macro_f1": f1_score(labels, predicted, average="macro", zero_division=0) if both else None,
        "roc_auc": roc_auc_score(labels, scores) if both else None,
        "average_precision": average_precision_score(labels, scores) if some else None,
        "brier": brier_score_loss(labels, scores) if both else None,
        "curve_active": None,
        "curve_prob": None,
    }
    if both:
        # scikit-learn lists only the bins that hold a sample
        active, prob = calibration_curve(labels, scores, n_bins=BINS, strategy="uniform")
        out["curve_active"], out["curve_prob"] = active.tolist(), prob.tolist()
    return out


def cases():
    rng = np.random.default_rng(20260302)
    for count in (2, 7, 50, 1000):
        for share in (0.03, 0.3, 0.9):
            labels = rng.random(count) < share
            noise = rng.normal(size=count)
            yield f"random {count} at {share}", labels, 1 / (1 + np.exp(-(2.0 * labels - 1 + noise)))
    for levels in (1, 2, 3, 11):
        labels = rng.random(200) < 0.25
        # k + 1/2 over levels never falls on the edge of a bin, where two programs may round apart
        yield f"ties on {levels} levels", labels, (rng.integers(0, levels, 200) + 0.5) / (levels + 0.137)
    yield "no positives, some predicted", [False] * 4, [0.9, 0.2, 0.6, 0.1]
    yield "no positives, none predicted", [False] * 3, [0.3, 0.2, 0.1]
    yield "no negatives", [True] * 3, [0.9, 0.2, 0.6]
    yield "one positive sample", [True], [0.7]
    yield "one negative sample", [False], [0.7]
    yield "perfect order", [True, True, False, False], [0.9, 0.8, 0.2, 0.1]
    yield "reversed order", [True, True, False, False], [0.1, 0.2, 0.8, 0.9]
    yield "never predicted", [True, False, False, False], [0.4, 0.3, 0.2, 0.1]
    yield "on the threshold", [True, False, True], [0.5, 0.5, 0.4999999999]


def main():
    rows = []
    for name, labels, scores in cases():
        labels, scores = [bool(x) for x in labels], [float(x) for x in scores]
        rows.append({"name": name, "labels": labels, "scores": scores, **figures(labels, scores)})
    lines = ",\n".join(json.dumps(row) for row in rows)
    Path(sys.argv[1]).write_text(f'{{"threshold": {THRESHOLD}, "bins": {BINS}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
