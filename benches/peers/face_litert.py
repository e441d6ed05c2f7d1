"""Our face networks against LiteRT, one thread each, in turn, in one run. Prints a markdown table.

    cargo build --release -p microau-vision --example face_speed
    python benches/peers/face_litert.py --ours target/release/examples/face_speed \
        --task crates/microau-vision/assets/face_landmarker/face_landmarker.task \
        --portrait crates/microau-vision/tests/assets/face/astronaut.png
"""

import argparse
import json
import platform
import subprocess
import time
import zipfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

NETWORKS = {
    "detector": "face_detector.tflite",
    "mesh": "face_landmarks_detector.tflite",
    "blendshapes": "face_blendshapes.tflite",
}


def litert_times(models, repetitions):
    """Time within which the fastest tenth of the invocations end, the input already set, ms."""
    deciles = {}
    for name, model in models.items():
        interpreter = Interpreter(model_content=model, num_threads=1)
        interpreter.allocate_tensors()
        entry = interpreter.get_input_details()[0]
        size = int(np.prod(entry["shape"]))
        x = ((np.arange(size) * 7919 % 2048) / 2048).astype(np.float32).reshape(entry["shape"])
        interpreter.set_tensor(entry["index"], x)
        times = []
        for _ in range(repetitions):
            start = time.perf_counter()
            interpreter.invoke()
            times.append((time.perf_counter() - start) * 1e3)
        deciles[name] = sorted(times)[repetitions // 10]
    return deciles


def processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores" if names else platform.processor()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", type=Path, required=True)
    parser.add_argument("--task", type=Path, required=True)
    parser.add_argument("--portrait", type=Path, required=True)
    parser.add_argument("--repetitions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    members = zipfile.ZipFile(arguments.task)
    models = {name: members.read(member) for name, member in NETWORKS.items()}
    command = [arguments.ours, arguments.portrait, str(arguments.repetitions)]
    theirs, ours = [], []
    for _ in range(arguments.rounds):
        theirs.append(litert_times(models, arguments.repetitions))
        ours.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    least = lambda rounds, key: min(r[key] for r in rounds)
    print(f"Machine: {processor()}. LiteRT {version('ai-edge-litert')}, one thread each.")
    print(f"Least of {arguments.rounds} rounds, each the fastest decile of {arguments.repetitions} runs.\n")
    print("| network | LiteRT, ms | ours, ms | ours / LiteRT |")
    print("|---|---|---|---|")
    total = [0.0, 0.0]
    for name in NETWORKS:
        pair = least(theirs, name), least(ours, f"{name}_ms")
        total = [total[0] + pair[0], total[1] + pair[1]]
        print(f"| {name} | {pair[0]:.3f} | {pair[1]:.3f} | {pair[1] / pair[0]:.2f} |")
    print(f"| all three | {total[0]:.3f} | {total[1]:.3f} | {total[1] / total[0]:.2f} |\n")
    print("| ours, whole steps | ms |")
    print("|---|---|")
    for key, step in {
        "load_ms": "reading the networks at start",
        "first_frame_ms": "frame with detection, mesh, blendshapes",
        "next_frame_ms": "followed frame: mesh, blendshapes",
        "read_ms": "turned square for the mesh, 256 px",
        "warp_ms": "aligned colour crop, 224 px",
        "warp_gray_ms": "aligned gray crop, 224 px",
    }.items():
        print(f"| {step} | {least(ours, key):.3f} |")


if __name__ == "__main__":
    main()
