"""Our flow against OpenCV's on the same pairs, one thread each, in turn, in one run. Prints markdown tables.

    python reference/flow_pairs.py --astronaut astronaut.png --hopper grace_hopper.jpg --out PAIRS --seed 7
    cargo build --release -p microau-vision --example flow_pairs
    python benches/peers/flow_opencv.py --pairs PAIRS --ours target/release/examples/flow_pairs [--rounds 7]

Errors are mean distances between found and true motion, px: over all pixels, and over the moving ones (see
reference/flow_pairs.py). Amplitude is the share of the true motion that is found, <found, true> / <true, true> over the
moving pixels: 1 is unbiased, less means that small motions come out too small. Time is the median over pairs of the least of
all rounds; DualTVL1 has one round. All errors are weighed by pair, equally.
"""

import argparse
import json
import platform
import subprocess
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

PRESETS = ("fast", "medium", "fine")
BASE = "OpenCV DIS medium"


def opencv_methods() -> dict:
    """Name to (function of two images and None, whether it is worth many rounds)."""
    full = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    full.setFinestScale(0)
    return {
        "OpenCV DIS fast": (cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc, True),
        BASE: (cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc, True),
        "OpenCV DIS medium, finest scale 0": (full.calc, True),
        "OpenCV Farneback": (lambda a, b, _: cv2.calcOpticalFlowFarneback(a, b, None, 0.5, 4, 15, 5, 7, 1.5, 0), True),
        "OpenCV DualTVL1": (cv2.optflow.DualTVL1OpticalFlow_create().calc, False),
    }


def figures(found: np.ndarray, true: np.ndarray, moving: np.ndarray) -> list[float]:
    error = np.linalg.norm(found - true, axis=-1)
    amplitude = (found[moving] * true[moving]).sum() / (true[moving] ** 2).sum()
    return [float(error.mean()), float(error[moving].mean()), float(amplitude)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--ours", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()

    cv2.setNumThreads(1)
    index = json.loads((args.pairs / "index.json").read_text())
    names = [entry["name"] for entry in index]
    images = {n: [cv2.imread(str(args.pairs / f"{n}_{end}.png"), cv2.IMREAD_GRAYSCALE) for end in "ab"] for n in names}
    truth = {n: np.load(args.pairs / f"{n}.npz") for n in names}
    methods = opencv_methods()
    labels = [f"ours, {preset}" for preset in PRESETS] + list(methods)
    result = {label: {} for label in labels}
    millis = {label: {n: np.inf for n in names} for label in labels}

    with tempfile.TemporaryDirectory() as out:
        for turn in range(args.rounds):
            for preset in PRESETS:
                label = f"ours, {preset}"
                # two calls: the first of a process pays for its memory
                command = [str(args.ours), str(args.pairs), out, preset, "2"]
                times = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["ms"]
                for n in names:
                    millis[label][n] = min(millis[label][n], times[n])
                    found = cv2.readOpticalFlow(f"{out}/{n}.flo")
                    result[label][n] = figures(found, truth[n]["flow"], truth[n]["moving"])
            for label, (calc, many) in methods.items():
                if turn > 0 and not many:
                    continue
                for n in names:
                    start = time.perf_counter()
                    found = calc(*images[n], None)
                    millis[label][n] = min(millis[label][n], (time.perf_counter() - start) * 1e3)
                    result[label][n] = figures(found, truth[n]["flow"], truth[n]["moving"])

    shape = images[names[0]][0].shape
    print(f"{len(names)} pairs of {shape[1]}x{shape[0]} px; OpenCV {cv2.__version__}, {platform.machine()}, one thread.\n")
    print("| method | error, px | error where moving, px | amplitude | ms a pair | time against DIS medium |")
    print("|---|---|---|---|---|---|")
    base = np.median(list(millis[BASE].values()))
    for label in labels:
        error, moving, amplitude = np.mean(list(result[label].values()), 0)
        ms = np.median(list(millis[label].values()))
        print(f"| {label} | {error:.4f} | {moving:.4f} | {amplitude:.3f} | {ms:.2f} | {ms / base:.2f} |")

    kinds = list(dict.fromkeys(entry["kind"] for entry in index))
    print("\nError / error where moving / amplitude, by kind of pair:\n")
    print("| method | " + " | ".join(kinds) + " | without change of light |")
    print("|---" * (len(kinds) + 2) + "|")
    groups = [[e["name"] for e in index if e["kind"] == kind] for kind in kinds]
    groups.append([e["name"] for e in index if not e["light"]])
    for label in labels:
        cells = ["{:.3f} / {:.3f} / {:.2f}".format(*np.mean([result[label][n] for n in group], 0)) for group in groups]
        print(f"| {label} | " + " | ".join(cells) + " |")
    worse = [n for n in names if any(result["ours, medium"][n][k] > result[BASE][n][k] for k in (0, 1))]
    print(f"\nPairs where ours, medium has the larger error of either sort than {BASE}: {len(worse)} {' '.join(worse)}")


if __name__ == "__main__":
    main()
