"""Goldens of the face networks, made by Google's own software.

    python reference/face_landmarks_golden.py face_landmarker.task OUT_DIR PORTRAIT...

For each portrait OUT_DIR/<name>.json: the 478 landmarks (px) and 52 blendshapes of MediaPipe's FaceLandmarker in image mode;
for the first also OUT_DIR/<name>_cut.json, on a part of it whose left border cuts the face's surroundings.
For the three networks OUT_DIR/networks.json: inputs by rule, and the outputs of LiteRT in OUT_DIR/networks.f32 (little endian).
"""

import argparse
import hashlib
import json
import zipfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
from PIL import Image

# The landmarks that the blendshape network reads, by MediaPipe's face_blendshapes_graph.cc, are checked through the portraits:
# here the network is fed with the first 146 landmarks, since any points serve to compare two engines.
BLENDSHAPE_POINTS = 146
# The part of the first portrait: left, top, right, bottom, px.
CUT_PX = (195, 60, 400, 400)


def noise(count, low, high, seed):
    """The rule for made-up inputs: exact in float32, the same in any language."""
    steps = (np.arange(count, dtype=np.int64) * 7919 + seed * 104_729) % 2048
    return (low + (high - low) * (steps / 2048)).astype(np.float32)


def portrait_golden(task, path, out_dir, cut_px=None):
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    whole = Image.open(path).convert("RGB")
    pixels = np.asarray(whole.crop(cut_px) if cut_px else whole)
    height, width = pixels.shape[:2]
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(task)), output_face_blendshapes=True, num_faces=1
    )
    landmarker = vision.FaceLandmarker.create_from_options(options)
    result = landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=pixels.copy()))
    landmarker.close()
    (face,), (blendshapes,) = result.face_landmarks, result.face_blendshapes
    points = [[round(p.x * width, 4), round(p.y * height, 4), round(p.z * width, 4)] for p in face]
    golden = {
        "made_by": {"mediapipe": version("mediapipe"), "task_sha256": hashlib.sha256(task.read_bytes()).hexdigest()},
        "image": path.name,
        "cut_px": cut_px or (0, 0, width, height),
        "image_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "landmarks_px": points,
        "blendshapes": {c.category_name: round(c.score, 6) for c in blendshapes},
    }
    name = f"{path.stem}_cut" if cut_px else path.stem
    (out_dir / f"{name}.json").write_text(json.dumps(golden) + "\n")
    return pixels, np.array(points, np.float32)


def run(model, x):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=model, num_threads=1)
    interpreter.allocate_tensors()
    entry = interpreter.get_input_details()[0]
    interpreter.set_tensor(entry["index"], x.reshape(entry["shape"]))
    interpreter.invoke()
    return [interpreter.get_tensor(out["index"]).ravel() for out in interpreter.get_output_details()]


def network_goldens(task, out_dir, portrait, landmarks):
    """`portrait` is the 512 x 512 one: every fourth pixel for the detector, a corner of 256 x 256 for the mesh."""
    members = zipfile.ZipFile(task)
    small = portrait[::4, ::4].astype(np.float32) / np.float32(127.5) - np.float32(1)
    corner = portrait[0:256, 96:352].astype(np.float32) / np.float32(255)
    points = landmarks[:BLENDSHAPE_POINTS, :2]
    cases = [
        ("face_detector.tflite", "portrait", small),
        ("face_detector.tflite", "noise", noise(128 * 128 * 3, -1, 1, 1)),
        ("face_landmarks_detector.tflite", "portrait", corner),
        ("face_landmarks_detector.tflite", "noise", noise(256 * 256 * 3, 0, 1, 2)),
        ("face_blendshapes.tflite", "portrait", points),
        ("face_blendshapes.tflite", "noise", noise(BLENDSHAPE_POINTS * 2, 0, 512, 3)),
    ]
    entries, values = [], []
    for member, given, x in cases:
        outputs = run(members.read(member), np.ascontiguousarray(x, np.float32))
        entries.append({"network": member, "input": given, "outputs": [len(out) for out in outputs]})
        values += outputs
    golden = {"made_by": {"ai-edge-litert": version("ai-edge-litert")}, "cases": entries}
    (out_dir / "networks.json").write_text(json.dumps(golden, indent=1) + "\n")
    (out_dir / "networks.f32").write_bytes(np.concatenate(values).astype("<f4").tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", type=Path)
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("portraits", type=Path, nargs="+", help="the first is astronaut.png, 512 x 512")
    arguments = parser.parse_args()
    goldens = [portrait_golden(arguments.task, path, arguments.out_dir) for path in arguments.portraits]
    portrait_golden(arguments.task, arguments.portraits[0], arguments.out_dir, CUT_PX)
    network_goldens(arguments.task, arguments.out_dir, *goldens[0])


if __name__ == "__main__":
    main()
