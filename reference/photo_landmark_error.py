"""Holds the true landmarks of generated pairs against MediaPipe's.

    cargo run --release -p microau-synth --example photo_subjects -- dump FOLDER 60 256
    python reference/photo_landmark_error.py FACE_LANDMARKER_TASK FOLDER

Prints, over all frames in which the face is found: the distance between the true and the detected landmarks, and the
same for their movement from onset to apex, in hundredths of the distance between the eyes. The landmarker itself jitters
by about half a px on such frames.
"""

import csv
import sys
from collections import defaultdict
from pathlib import Path

import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

EYES = [[33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246],
        [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466]]


def truth(folder):
    rows = defaultdict(lambda: np.zeros((478, 2)))
    with open(Path(folder) / "landmarks.csv", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["file"]][int(row["index"])] = float(row["x"]), float(row["y"])
    return rows


def detected(landmarker, path):
    image = mp.Image.create_from_file(str(path))
    found = landmarker.detect(image).face_landmarks
    return np.array([[p.x * image.width, p.y * image.height] for p in found[0]]) if found else None


def main(task, folder):
    options = vision.FaceLandmarkerOptions(base_options=BaseOptions(model_asset_path=task))
    true, found = truth(folder), {}
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        for name in sorted(true):
            found[name] = detected(landmarker, Path(folder) / name)
    unit = {n: np.linalg.norm(t[EYES[0]].mean(0) - t[EYES[1]].mean(0)) / 100 for n, t in true.items()}
    seen = [n for n in true if found[n] is not None]
    away = np.array([np.linalg.norm(true[n] - found[n], axis=1) / unit[n] for n in seen])
    print(f"{len(seen)} of {len(true)} frames found; landmarks off by {away.mean():.2f} on the mean,",
          f"{np.percentile(away, 95):.2f} at the 95th percentile (hundredths of the distance between the eyes)")
    true_motion, seen_motion = [], []
    for name in seen:
        other = name.replace("onset", "apex")
        if "onset" in name and found[other] is not None:
            true_motion.append((true[other] - true[name]) / unit[name])
            seen_motion.append((found[other] - found[name]) / unit[name])
    true_motion, seen_motion = np.array(true_motion), np.array(seen_motion)
    off = np.linalg.norm(true_motion - seen_motion, axis=2)
    moving = np.linalg.norm(true_motion, axis=2) > 2
    a, b = true_motion[moving].ravel(), seen_motion[moving].ravel()
    print(f"movement off by {off.mean():.2f} on the mean of {np.linalg.norm(true_motion, axis=2).mean():.2f};",
          f"where it is over 2: correlation {np.corrcoef(a, b)[0, 1]:.3f}, slope {(a @ b) / (a @ a):.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
