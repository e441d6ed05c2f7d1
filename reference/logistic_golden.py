"""Golden of the logistic regression under the linear floor: scikit-learn on random, overlapping classes.

    python reference/logistic_golden.py crates/microau/tests/golden/logistic.json
"""

import json
import sys

import numpy
import sklearn
from sklearn.linear_model import LogisticRegression

SEED, SAMPLES, FEATURES, TARGETS, C = 11, 80, 6, 3, 0.5


def main(path: str) -> None:
    rng = numpy.random.default_rng(SEED)
    inputs = rng.normal(size=(SAMPLES, FEATURES)).astype(numpy.float32)
    directions = rng.normal(size=(FEATURES, TARGETS))
    # unequal classes: shifts make the targets rare to common
    active = inputs @ directions + rng.normal(size=(SAMPLES, TARGETS)) + [-2.0, 0.0, 1.0] > 0
    probs = numpy.empty((SAMPLES, TARGETS))
    for target in range(TARGETS):
        model = LogisticRegression(C=C, class_weight="balanced", tol=1e-8, max_iter=10_000)
        probs[:, target] = model.fit(inputs.astype(float), active[:, target]).predict_proba(inputs)[:, 1]
    golden = {
        "made_by": f"reference/logistic_golden.py, scikit-learn {sklearn.__version__}, numpy {numpy.__version__}, seed {SEED}",
        "samples": SAMPLES,
        "features": FEATURES,
        "penalty": 1.0 / (C * SAMPLES),
        "inputs": [round(float(v), 7) for v in inputs.ravel()],
        "active": active.ravel().tolist(),
        "probs": [round(float(v), 8) for v in probs.ravel()],
    }
    with open(path, "w") as file:
        json.dump(golden, file)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
