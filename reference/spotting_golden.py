"""Writes the expected counts of spotting of `crates/microau-eval/tests/goldens.rs`.

    python reference/spotting_golden.py crates/microau-eval/tests/assets/spotting.json

Another way to the same numbers: intervals are sets of frames, and hits are the largest assignment that SciPy finds among
pairs whose sets agree by half or more (the Jaccard index of MEGC). Where true movements do not overlap one another, which
holds here as in annotated films, the largest assignment has as many pairs as "best overlap first". Figures are pooled over
the films of a case. Made with NumPy 2.4.6 and SciPy, seed 20260305.
"""

import json
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

LEAST_IOU = 0.5


def frames(interval):
    return set(range(interval["onset"], interval["offset"] + 1))


def hits(truth, found):
    """Largest number of pairs of one face that agree by half."""
    agree = np.zeros((len(truth), len(found)))
    for i, real in enumerate(truth):
        for j, spotted in enumerate(found):
            ours, theirs = frames(real), frames(spotted)
            same_face = real["face"] == spotted["face"]
            agree[i, j] = same_face and len(ours & theirs) / len(ours | theirs) >= LEAST_IOU
    rows, columns = linear_sum_assignment(agree, maximize=True)
    return int(agree[rows, columns].sum())


def film(rng, faces):
    """True movements that do not overlap on a face, and spotted ones that are some of them moved about, and others."""
    truth, found = [], []
    for face in range(faces):
        at = 0
        for _ in range(rng.integers(0, 9)):
            at += int(rng.integers(1, 40))
            length = int(rng.integers(4, 60))
            kind = str(rng.choice(["micro", "macro", "blink", "talk"]))
            truth.append({"face": face, "kind": kind, "onset": at, "offset": at + length})
            if rng.random() < 0.7:
                onset = max(0, at + int(rng.normal(0, length / 5)))
                offset = max(onset, at + length + int(rng.normal(0, length / 5)))
                taken = kind if kind in ("micro", "macro") and rng.random() < 0.8 else str(rng.choice(["micro", "macro"]))
                found.append({"face": face, "kind": taken, "onset": onset, "offset": offset})
            at += length + 1
        for _ in range(rng.integers(0, 3)):
            onset = int(rng.integers(0, 300))
            offset = onset + int(rng.integers(3, 50))
            found.append({"face": face, "kind": str(rng.choice(["micro", "macro"])), "onset": onset, "offset": offset})
    rng.shuffle(found)
    return {"truth": truth, "found": found}


def counts(films, kinds):
    total = {"truth": 0, "found": 0, "hits": 0}
    for it in films:
        truth = [m for m in it["truth"] if m["kind"] in kinds]
        found = [m for m in it["found"] if m["kind"] in kinds]
        total["truth"] += len(truth)
        total["found"] += len(found)
        total["hits"] += hits(truth, found)
    return total


def figures(total):
    truth, found, hit = total["truth"], total["found"], total["hits"]
    precision, recall = hit / found if found else None, hit / truth if truth else None
    f1 = (2 * precision * recall / (precision + recall) if hit else 0.0) if truth else None
    return {**total, "precision": precision, "recall": recall, "f1": f1}


def main():
    rng = np.random.default_rng(20260305)
    cases = []
    for number in range(40):
        films = [film(rng, int(rng.integers(1, 3))) for _ in range(rng.integers(1, 5))]
        micro, macro = counts(films, ["micro"]), counts(films, ["macro"])
        both = {key: micro[key] + macro[key] for key in micro}
        either = counts(films, ["micro", "macro"])
        expected = [figures(total) for total in (micro, macro, both, either)]
        cases.append({"name": f"films {number}", "films": films, "expected": expected})
    lines = ",\n".join(json.dumps(case) for case in cases)
    Path(sys.argv[1]).write_text(f'{{"cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
