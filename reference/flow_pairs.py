"""Image pairs with exactly known motion, for measuring optical flow.

    python flow_pairs.py --astronaut astronaut.png --hopper grace_hopper.jpg --out DIR [--seed 7] [--per-kind 6] [--size 224]

Portraits (both public domain): `astronaut.png` from PyPI package scikit-image 0.26.0 (skimage/data/) and `grace_hopper.jpg`
from PyPI package matplotlib 3.11.2 (mpl-data/sample_data/).

Frame: continuous px of the crop, x right, y down, centre of pixel (i, j) at (i+0.5, j+0.5).

How the truth is exact: the motion is given as an analytic field g on the SECOND image, second(y) = scene(y + g(y)) and
first(x) = scene(x). Both images are rendered from a scene four times finer (cubic sampling, then the mean over 4x4), so both
are equally sharp. The flow of pixel x is u with g(x + u) = -u, solved by fixed-point iteration on the analytic g
(|grad g| < 0.6, so it converges; the residual is asserted to be under 1e-4 px).

Kinds:
  bumps    1-4 local Gaussian bumps, peak 0.3-4 px, sd 7-22 px at 224: what a micro-expression is
  tiny     the same with peaks of 0.2-1 px
  head     bumps on top of a small similarity (shift up to 3 px, turn up to 1 deg, zoom up to 1.5 %)
  texture  head + bumps on procedural texture instead of a face
  layer    a soft-edged piece sliding over the rest, 0.5-3 px: a field with a steep edge (lids, lips)
Every pair has Gaussian noise of sd 1-3 grey levels in both images; two of three have a change of light (gain, gradient,
offset), and every second one goes through JPEG (quality 75-95).

Writes NAME_a.png, NAME_b.png (8 bit grey) and NAME.npz (flow f32 [H, W, 2], moving bool [H, W]) and index.json.
`moving` is where the motion that is not the head's exceeds 20 % of its own maximum.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

FINE = 4
# Midpoints of the eyes (subject's right, left) in the portraits' own px, from the MediaPipe landmarks of each.
EYES = {
    "astronaut": ((203.65, 101.32), (246.65, 103.64)),
    "hopper": ((222.09, 192.74), (306.76, 187.69)),
}
KINDS = ("bumps", "tiny", "head", "texture", "layer")


def face_scene(path: Path, eyes, size: int) -> np.ndarray:
    """The canonical face crop (eyes 0.36 of its side apart), FINE times finer than `size`, with 1/4 margin around."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    (x0, y0), (x1, y1) = eyes
    side = size * FINE
    full = side * 3 // 2
    scale = 0.36 * side / np.hypot(x1 - x0, y1 - y0)
    angle = np.arctan2(y1 - y0, x1 - x0)
    cos, sin = scale * np.cos(-angle), scale * np.sin(-angle)
    mid = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    target = np.array([full / 2, full / 2 - side / 2 + 0.33 * side])
    linear = np.array([[cos, -sin], [sin, cos]])
    matrix = np.hstack([linear, (target - linear @ mid)[:, None]])
    return cv2.warpAffine(grey, matrix, (full, full), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)


def texture_scene(rng: np.random.Generator, size: int) -> np.ndarray:
    """Band-limited noise of several octaves, contrast changing over the picture."""
    full = size * FINE * 3 // 2
    out = np.zeros((full, full), np.float32)
    for octave in range(2, 7):
        cells = 6 * 2**octave
        coarse = rng.standard_normal((min(cells, full), min(cells, full))).astype(np.float32)
        out += cv2.resize(coarse, (full, full), interpolation=cv2.INTER_CUBIC) * 0.72**octave
    out *= 34.0 / out.std()
    contrast = cv2.resize(rng.uniform(0.25, 1.0, (5, 5)).astype(np.float32), (full, full), interpolation=cv2.INTER_CUBIC)
    return np.clip(out * contrast + rng.uniform(90, 150), 5, 250)


def pores(rng: np.random.Generator, full: int) -> np.ndarray:
    """Fine skin grain for upscaled portraits, sd 1 grey level, about 1.5 px of the crop."""
    cells = int(full / (FINE * 1.5))
    coarse = rng.standard_normal((cells, cells)).astype(np.float32)
    return cv2.resize(coarse, (full, full), interpolation=cv2.INTER_CUBIC)


class Field:
    """Analytic g (px) at continuous points of the second image."""

    def __init__(self, rng: np.random.Generator, kind: str, size: int):
        unit = size / 224.0
        self.size, self.bumps, self.layer, self.head = size, [], None, None
        if kind == "layer":
            angle, peak = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 3.0)
            self.layer = dict(
                centre=rng.uniform(0.35, 0.65, 2) * size,
                half=rng.uniform(0.12, 0.25, 2) * size,
                shift=peak * np.array([np.cos(angle), np.sin(angle)]),
                edge=max(1.6 * peak, 2.0),
            )
        else:
            low, high = (0.2, 1.0) if kind == "tiny" else (0.3, 4.0)
            for _ in range(rng.integers(1, 5)):
                peak, angle = rng.uniform(low, high), rng.uniform(0, 2 * np.pi)
                sd = max(rng.uniform(7, 22) * unit, peak * 1.8)
                self.bumps.append((rng.uniform(0.2, 0.8, 2) * size, sd, peak * np.array([np.cos(angle), np.sin(angle)])))
        if kind in ("head", "texture"):
            self.head = (np.deg2rad(rng.uniform(-1, 1)), rng.uniform(-0.015, 0.015), rng.uniform(-3, 3, 2))

    def muscle(self, points: np.ndarray) -> np.ndarray:
        out = np.zeros_like(points)
        for centre, sd, shift in self.bumps:
            r2 = ((points - centre) ** 2).sum(-1)
            out += np.exp(-r2 / (2 * sd * sd))[..., None] * shift
        if self.layer is not None:
            inside = 1.0
            for axis in range(2):
                d = self.layer["half"][axis] - np.abs(points[..., axis] - self.layer["centre"][axis])
                inside = inside / (1.0 + np.exp(-4.0 * d / self.layer["edge"]))
            out += inside[..., None] * self.layer["shift"]
        return out

    def __call__(self, points: np.ndarray) -> np.ndarray:
        out = self.muscle(points)
        if self.head is not None:
            turn, zoom, shift = self.head
            d = points - self.size / 2
            out = out + zoom * d + turn * np.stack([-d[..., 1], d[..., 0]], -1) + shift
        return out


def centres(side: int, scale: float) -> np.ndarray:
    axis = (np.arange(side) + 0.5) / scale
    return np.stack(np.meshgrid(axis, axis), -1)


def forward_flow(field: Field, size: int) -> np.ndarray:
    """u on the first image with g(x + u) = -u."""
    x = centres(size, 1.0)
    u = np.zeros_like(x)
    for _ in range(200):
        u = -field(x + u)
    assert np.abs(u + field(x + u)).max() < 1e-4, "the fixed point did not converge"
    return u


def render(scene: np.ndarray, size: int, displacement: np.ndarray | None) -> np.ndarray:
    """Means over FINE x FINE samples of the scene at fine pixel centres + displacement (crop px)."""
    points = centres(size * FINE, FINE)
    if displacement is not None:
        points = points + displacement
    at = (points + size / 4) * FINE - 0.5
    fine = cv2.remap(scene, at[..., 0].astype(np.float32), at[..., 1].astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return cv2.resize(fine, (size, size), interpolation=cv2.INTER_AREA)


def light(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    size = image.shape[0]
    ramp = (centres(size, 1.0) / size - 0.5) @ rng.uniform(-0.08, 0.08, 2)
    return image * (rng.uniform(0.92, 1.08) + ramp) + rng.uniform(-4, 4)


def finish(rng: np.random.Generator, image: np.ndarray, sigma: float, quality: int | None) -> np.ndarray:
    noisy = np.clip(np.rint(image + rng.normal(0, sigma, image.shape)), 0, 255).astype(np.uint8)
    if quality is None:
        return noisy
    return cv2.imdecode(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)


def make_pair(seed: int, kind: str, number: int, faces: dict[str, np.ndarray], size: int):
    """One pair: (first, second, flow [H,W,2], moving [H,W], facts)."""
    rng = np.random.default_rng([seed, KINDS.index(kind), number])
    if kind == "texture":
        source, scene = "texture", texture_scene(rng, size)
    else:
        source = list(faces)[number % len(faces)]
        scene = faces[source]
        scene = scene + rng.uniform(0.5, 2.5) * pores(rng, scene.shape[0])
    field = Field(rng, kind, size)
    flow = forward_flow(field, size)
    first = render(scene, size, None)
    second = render(scene, size, field(centres(size * FINE, FINE)))
    lit = number % 3 != 2
    second = light(rng, second) if lit else second
    sigma = rng.uniform(1, 3)
    quality = int(rng.integers(75, 96)) if number % 2 else None
    own = np.linalg.norm(field.muscle(centres(size, 1.0) + flow), axis=-1)
    facts = dict(kind=kind, source=source, noise_sd=round(sigma, 2), jpeg=quality, light=lit, peak_px=round(float(own.max()), 3))
    return finish(rng, first, sigma, quality), finish(rng, second, sigma, quality), flow.astype(np.float32), own > 0.2 * own.max(), facts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--astronaut", type=Path, required=True)
    parser.add_argument("--hopper", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--per-kind", type=int, default=6)
    parser.add_argument("--size", type=int, default=224)
    args = parser.parse_args()

    args.out.mkdir(parents=True, exist_ok=True)
    paths = dict(astronaut=args.astronaut, hopper=args.hopper)
    faces = {name: face_scene(path, EYES[name], args.size) for name, path in paths.items()}
    index = []
    for kind in KINDS:
        for number in range(args.per_kind):
            first, second, flow, moving, facts = make_pair(args.seed, kind, number, faces, args.size)
            name = f"{kind}{number:02d}"
            cv2.imwrite(str(args.out / f"{name}_a.png"), first)
            cv2.imwrite(str(args.out / f"{name}_b.png"), second)
            np.savez_compressed(args.out / f"{name}.npz", flow=flow, moving=moving)
            index.append(dict(name=name, **facts))
    (args.out / "index.json").write_text(json.dumps(index, indent=1))


if __name__ == "__main__":
    main()
