"""Writes the expected metrics of `crates/microau-eval/tests/goldens.rs`, computed by scikit-learn and NumPy.

    python reference/eval_golden.py crates/microau-eval/tests/assets

`metrics.json`: one action unit; random labels and scores at several prevalences, scores with many ties, and the
degenerate ones (no positives, no negatives, one sample, constant scores, perfect and reversed order), each also with
whole sample weights from 0 to 3, as the bootstrap draws them. `classes.json`: one class of several, with classes that
have no sample and samples that were given no class. `quantiles.json`: percentiles as NumPy interpolates them. A figure
that scikit-learn would replace by a default because its denominator is empty is written as null.
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

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


def weighted(labels, scores, weights):
    """The same under weights; a sample of weight 0 is as good as absent."""
    labels, scores, weights = np.asarray(labels, bool), np.asarray(scores, float), np.asarray(weights)
    predicted, counted = scores >= THRESHOLD, labels[weights > 0]
    some, both = counted.any(), counted.any() and not counted.all()
    return {
        "f1": f1_score(labels, predicted, sample_weight=weights, zero_division=0) if some else None,
        "macro_f1": f1_score(labels, predicted, sample_weight=weights, average="macro", zero_division=0) if both else None,
        "roc_auc": roc_auc_score(labels, scores, sample_weight=weights) if both else None,
        "average_precision": average_precision_score(labels, scores, sample_weight=weights) if some else None,
    }


def class_cases():
    """Name, number of classes, true classes, predicted classes (null for none)."""
    rng = np.random.default_rng(20260303)
    for classes, count in ((3, 442), (7, 100), (3, 5), (5, 1000)):
        truth = rng.choice(classes, count, p=rng.dirichlet(np.ones(classes)))
        predicted = np.where(rng.random(count) < 0.5, truth, rng.integers(-1, classes, count))
        yield f"random {count} of {classes}", classes, truth, predicted
    yield "a class without samples, predicted", 3, [0, 0, 1, 1], [0, 2, 1, 2]
    yield "a class without samples, never predicted", 3, [0, 0, 1], [0, 1, 1]
    yield "one class never predicted", 3, [0, 1, 2, 2], [0, 1, 0, 1]
    yield "all right", 3, [0, 1, 2], [0, 1, 2]
    yield "all wrong", 3, [0, 1, 2], [1, 2, 0]
    yield "none was given a class", 3, [0, 1, 2], [-1, -1, -1]


def class_figures(truth, predicted):
    present = sorted(set(truth))
    options = {"labels": present, "average": "macro", "zero_division": 0}
    return {
        "uf1": f1_score(truth, predicted, **options),
        "uar": recall_score(truth, predicted, **options),
        "accuracy": accuracy_score(truth, predicted),
    }


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


def write(path, head, rows):
    lines = ",\n".join(json.dumps(row) for row in rows)
    path.write_text(f'{{{head}"cases": [\n{lines}\n]}}\n')


def main():
    folder = Path(sys.argv[1])
    rng = np.random.default_rng(20260304)
    rows = []
    for name, labels, scores in cases():
        labels, scores = [bool(x) for x in labels], [float(x) for x in scores]
        weights = rng.integers(0, 4, len(labels)).tolist()
        drawn = {"weights": weights, "weighted": weighted(labels, scores, weights)}
        rows.append({"name": name, "labels": labels, "scores": scores, **figures(labels, scores), **drawn})
    write(folder / "metrics.json", f'"threshold": {THRESHOLD}, "bins": {BINS}, ', rows)
    rows = []
    for name, classes, truth, predicted in class_cases():
        truth, predicted = [int(x) for x in truth], [int(x) for x in predicted]
        given = [None if x < 0 else x for x in predicted]
        rows.append({"name": name, "classes": classes, "truth": truth, "predicted": given, **class_figures(truth, predicted)})
    write(folder / "classes.json", "", rows)
    rows = []
    for count in (1, 2, 3, 1000):
        values = np.sort(rng.normal(size=count))
        ends = {str(level): np.quantile(values, [(1 - level) / 2, (1 + level) / 2]).tolist() for level in (0.5, 0.9, 0.95)}
        rows.append({"values": values.tolist(), "ends": ends})
    write(folder / "quantiles.json", "", rows)


if __name__ == "__main__":
    main()
