"""Draws what `microau detect` says of the demo clip, for the first screen of the README.

    python reference/demo_picture.py

runs the program itself (`cargo run --release`) and writes docs/images/demo.png. `--microau PATH` takes a program that is
built already, `--film` and `--out` another film and place. The onset and apex frames come from the film, the heat maps
and probabilities from `--heatmaps` and `--format json` of the one call; nothing is drawn by hand.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import cv2
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

ROOT = Path(__file__).resolve().parent.parent
INK, PALE, PRESENT = "#22252b", "#c9ccd2", "#c2443b"
WIDTH_PX, DPI = 1480, 100
# Heat maps shown, at most; the likeliest first.
MAPS = 2
# Movements in the words of FACS, as `microau detect` prints them.
NAMES = {
    "AU01": "inner brow up", "AU02": "outer brow up", "AU04": "brow down", "AU05": "upper lid up", "AU06": "cheek up",
    "AU07": "lids tight", "AU09": "nose wrinkled", "AU10": "upper lip up", "AU12": "lip corners up",
    "AU14": "dimples", "AU15": "lip corners down", "AU17": "chin up",
}


def detect(program, film, folder):
    """The first interval of the report, and the folder of its heat maps."""
    command = [*program, "detect", str(film), "--format", "json", "--heatmaps", str(folder)]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout)
    face = report["inputs"][0]["faces"][0]
    interval = face["intervals"][0]
    event = f"face{face['face_id']}_onset{interval['onset']['frame']}_apex{interval['apex']['frame']}"
    return report, interval, Path(folder) / Path(film).stem / event


def frame(film, number):
    video = cv2.VideoCapture(str(film))
    for _ in range(number + 1):
        there, picture = video.read()
        assert there, f"{film} has no frame {number}"
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def show(axes, picture, title, below=""):
    axes.imshow(picture, interpolation="lanczos")
    axes.set_title(title, fontsize=13, color=INK, pad=7)
    axes.set_xlabel(below, fontsize=11, color=INK, labelpad=6)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)


def bars(axes, scores, threshold):
    scores = scores[::-1]
    colours = [PRESENT if score["present"] else PALE for score in scores]
    axes.barh(range(len(scores)), [score["probability"] for score in scores], color=colours, height=0.68)
    axes.axvline(threshold, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_yticks(range(len(scores)), [f"{score['au']}  {NAMES.get(score['au'], '')}" for score in scores])
    for label, score in zip(axes.get_yticklabels(), scores):
        label.set_color(INK if score["present"] else "#7a7e87")
    for place, score in enumerate(scores):
        axes.text(score["probability"] + 0.02, place, f"{score['probability']:.2f}", va="center", fontsize=10, color=INK)
    axes.set_xlim(0, 1.16)
    axes.set_ylim(-0.6, len(scores) - 0.4)
    axes.set_xticks([0, threshold, 1])
    axes.tick_params(length=0, labelsize=10.5)
    axes.set_title("probability", fontsize=13, color=INK, pad=7)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_color(PALE)


def draw(film, report, interval, maps):
    present = sorted((au for au in interval["aus"] if au["present"]), key=lambda au: -au["probability"])[:MAPS]
    pictures = [(moment, frame(film, interval[moment]["frame"])) for moment in ("onset", "apex")]
    cells = len(pictures) + len(present)
    # squares side by side, then the bars with room for their names
    side, gap, edge, top = 240, 12, 12, 34
    height = side + top + 40
    figure = plt.figure(figsize=(WIDTH_PX / DPI, height / DPI), dpi=DPI, facecolor="white")

    def place(left, width):
        return figure.add_axes((left / WIDTH_PX, 40 / height, width / WIDTH_PX, side / height))

    for cell, (moment, picture) in enumerate(pictures):
        at = interval[moment]
        show(place(edge + cell * (side + gap), side), picture, moment, f"frame {at['frame']}, {at['secs']:.2f} s")
    for cell, au in enumerate(present, start=len(pictures)):
        picture = plt.imread(maps / f"{au['au']}.png")
        show(place(edge + cell * (side + gap), side), picture, f"where {au['au']} was read", NAMES.get(au["au"], ""))
    left = edge + cells * (side + gap) + 172
    bars(place(left, WIDTH_PX - left - 8), interval["aus"], report["settings"]["threshold"])
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--microau", help="program; built and run by cargo when left out")
    parser.add_argument("--film", type=Path, default=ROOT / "examples/demo.mp4")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/images/demo.png")
    given = parser.parse_args()
    program = [given.microau] if given.microau else ["cargo", "run", "--release", "--quiet", "--"]
    with tempfile.TemporaryDirectory() as folder:
        figure = draw(given.film, *detect(program, given.film, folder))
        figure.savefig(given.out, dpi=DPI)
    print(given.out)


if __name__ == "__main__":
    main()
