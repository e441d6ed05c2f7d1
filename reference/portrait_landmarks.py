"""Crops a portrait and writes it with its 478 landmarks for the photo mode of microau-synth.

    python reference/portrait_landmarks.py FACE_LANDMARKER_TASK IMAGE X0 Y0 SIDE OUT_STEM

reads IMAGE, cuts the square of SIDE px whose top left corner is (X0, Y0), writes OUT_STEM.jpg (quality 92) and
OUT_STEM.json: {"format": 1, "width", "height", "points": 478 x [x, y, z]}, px of the JPEG as written, x right, y down,
z in the scale of x and negative towards the camera, rounded to hundredths. The shipped portraits were made by

    python reference/portrait_landmarks.py face_landmarker.task astronaut.png 97 0 256 crates/microau-synth/assets/portraits/astronaut
    python reference/portrait_landmarks.py face_landmarker.task grace_hopper.jpg 64 0 400 crates/microau-synth/assets/portraits/grace_hopper
"""

import json
import sys
from pathlib import Path

import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision
from PIL import Image


def landmarks_of(image, task):
    """478 x 3 in px of the image, of its only face."""
    options = vision.FaceLandmarkerOptions(base_options=BaseOptions(model_asset_path=task))
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        found = landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(image)))
    if len(found.face_landmarks) != 1:
        sys.exit(f"expected one face, found {len(found.face_landmarks)}")
    height, width = image.shape[:2]
    return np.array([[p.x * width, p.y * height, p.z * width] for p in found.face_landmarks[0]])


def main(task, source, x0, y0, side, stem):
    x0, y0, side = int(x0), int(y0), int(side)
    picture = Image.open(source).convert("RGB").crop((x0, y0, x0 + side, y0 + side))
    picture.save(f"{stem}.jpg", quality=92, subsampling=0)
    points = landmarks_of(np.asarray(Image.open(f"{stem}.jpg").convert("RGB")), task)
    rows = [[round(float(v), 2) for v in p] for p in points]
    Path(f"{stem}.json").write_text(
        json.dumps({"format": 1, "width": side, "height": side, "points": rows}, separators=(",", ":")) + "\n")
    print(stem, f"{Path(stem + '.jpg').stat().st_size} bytes, box {points.min(0).round(1)} to {points.max(0).round(1)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
