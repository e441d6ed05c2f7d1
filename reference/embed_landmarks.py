"""Places MediaPipe's 478 landmarks on the head mesh: writes crates/microau-synth/assets/landmarks.bin.

    cargo run --release -p microau-synth --example mesh_views -- VIEWS 80
    python reference/embed_landmarks.py VIEWS face_landmarker.task crates/microau-synth/assets/head.bin \
        crates/microau-core/src/landmarks.rs crates/microau-synth/assets/landmarks.bin

Each view is a rendered frontal face with the place of every vertex. The official FaceLandmarker finds its points in the
picture; each is carried to the nearest front side of the outer skin, from there to the average head, where the median
over the views and over both sides of the face is taken and dropped onto the mesh again. Points of the upper inner lip
may only land on what does not move with the jaw, points of the lower inner lip only on what does.

Layout of landmarks.bin (little endian): b"MAULMK01", then 468 times u16 triangle (of head.bin), f32 second and f32 third
barycentric coordinate. The ten iris points are not stored: the program has the eyeballs.
"""

import json
import re
import struct
import sys
from pathlib import Path

import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

UPPER_INNER = [191, 80, 81, 82, 13, 312, 311, 310, 415]
LOWER_INNER = [95, 88, 178, 87, 14, 317, 402, 318, 324]


def read_head(path):
    raw = Path(path).read_bytes()
    length = struct.unpack("<I", raw[8:12])[0]
    header = json.loads(raw[12 : 12 + length])
    at = 12 + length

    def take(dtype, count):
        nonlocal at
        values = np.frombuffer(raw, dtype, count, at)
        at += values.nbytes
        return values

    v, t = header["vertices"], header["triangles"]
    positions = take("<f4", 3 * v).reshape(v, 3).astype(float)
    triangles = take("<u2", 3 * t).reshape(t, 3).astype(int)
    take("<u2", v)
    masks = {name: take("u1", v) / 255.0 for name in header["masks"]}
    targets = {}
    for target in header["targets"]:
        delta, vertex = np.zeros((v, 3)), 0
        for _ in range(target["count"]):
            gap = raw[at]
            at += 1
            while gap == 255:
                vertex, gap, at = vertex + 254, raw[at], at + 1
            vertex += gap
            size, code = (6, "<3h") if target["wide"] else (3, "<3b")
            delta[vertex] = struct.unpack_from(code, raw, at)
            at += size
        targets[(target["family"], target["name"])] = delta * target["step"]
    return header, positions, triangles, masks, targets


def average_head(header, positions, triangles, targets):
    """As head::average_shape: the mean of the six young people (where the eyes lie does not matter here)."""
    young = [d for (family, name), d in targets.items()
             if family == "macro" and name.endswith("-young") and not name.startswith("universal")]
    assert len(young) == 6
    return positions + np.mean(young, 0)


def nearest_on_triangles(point, a, b, c):
    """Barycentric coordinates of the nearest point of each triangle and the squared distances (any dimension)."""
    ab, ac, ap = b - a, c - a, point - a
    d00, d01, d11 = (ab * ab).sum(1), (ab * ac).sum(1), (ac * ac).sum(1)
    d20, d21 = (ap * ab).sum(1), (ap * ac).sum(1)
    det = np.maximum(d00 * d11 - d01 * d01, 1e-18)
    v, w = (d11 * d20 - d01 * d21) / det, (d00 * d21 - d01 * d20) / det
    inside = (v >= 0) & (w >= 0) & (v + w <= 1)
    best = np.stack([v, w], 1)
    distance = np.where(inside, ((ap - v[:, None] * ab - w[:, None] * ac) ** 2).sum(1), np.inf)
    for start, edge, of in [(a, ab, lambda s: (s, 0 * s)), (a, ac, lambda s: (0 * s, s)), (b, c - b, lambda s: (1 - s, s))]:
        s = np.clip(((point - start) * edge).sum(1) / np.maximum((edge * edge).sum(1), 1e-18), 0, 1)
        d = ((start + s[:, None] * edge - point) ** 2).sum(1)
        closer = d < distance - 1e-15
        distance = np.where(closer, d, distance)
        best[closer] = np.stack(of(s), 1)[closer]
    return best, distance


def carry(points_px, mesh_px, triangles, average):
    """Places on the average head of picture points, by the front-most triangle under (or next to) each."""
    a, b, c = (mesh_px[triangles[:, i]] for i in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    front = np.where(area < -1e-6)[0]
    places = []
    for point in points_px:
        weights, distance = nearest_on_triangles(point[:2], a[front, :2], b[front, :2], c[front, :2])
        depth = (a[front, 2] * (1 - weights.sum(1)) + b[front, 2] * weights[:, 0] + c[front, 2] * weights[:, 1])
        under = distance < distance.min() + 1e-6
        pick = np.where(under)[0][np.argmin(depth[under])]
        corners = average[triangles[front[pick]]]
        v, w = weights[pick]
        places.append((1 - v - w) * corners[0] + v * corners[1] + w * corners[2])
    return np.array(places)


def mirror_map(path):
    """The mirror partner of each landmark, from the table of the core crate."""
    table = re.search(r"MIRROR: \[u16; 478\] = \[(.*?)\];", Path(path).read_text(), re.S).group(1)
    return np.array([int(n) for n in re.findall(r"\d+", table)])[:468]


def main(views, task, head_path, core, out):
    header, positions, triangles, masks, targets = read_head(head_path)
    skin = next(g for g in header["groups"] if g["name"] == "skin")
    skin_triangles = triangles[skin["start"] : skin["start"] + skin["count"]]
    # Points at the temples lie beside the ears in the picture; on the ears they would sit far behind the face.
    outer = (masks["mouth_inside"][skin_triangles] < 0.5).all(1) & (masks["ears"][skin_triangles] < 0.15).all(1)
    numbers = np.where(outer)[0] + skin["start"]
    skin_triangles = skin_triangles[outer]
    average = average_head(header, positions, triangles, targets)
    options = vision.FaceLandmarkerOptions(base_options=BaseOptions(model_asset_path=task), num_faces=1)
    landmarker = vision.FaceLandmarker.create_from_options(options)
    found, irises = [], []
    for picture in sorted(Path(views).glob("view_*.png")):
        result = landmarker.detect(mp.Image.create_from_file(str(picture)))
        if not result.face_landmarks:
            print("no face in", picture.name)
            continue
        image = mp.Image.create_from_file(str(picture))
        points = np.array([[p.x * image.width, p.y * image.height] for p in result.face_landmarks[0]])
        mesh = np.fromfile(picture.with_suffix(".f32"), "<f4").reshape(-1, 3).astype(float)
        found.append(carry(points[:468], mesh, skin_triangles, average))
        irises.append(points[468:])
    irises = np.array(irises)
    print(len(found), "views; iris offsets (share of the ring's radius):")
    for first in (0, 5):
        ring = irises[:, first + 1 : first + 5] - irises[:, first : first + 1]
        radius = np.linalg.norm(ring, axis=2).mean(1)[:, None, None]
        print((ring / radius).mean(0).round(2).tolist(), "radius over eye distance",
              (radius[:, 0, 0] / np.linalg.norm(irises[:, 0] - irises[:, 5], axis=1)).mean().round(4))
    found = np.array(found)
    places = np.median(found, 0)
    spread = np.linalg.norm(found - places, axis=2)
    mirrored = mirror_map(core)
    print("spread over people, dm: median", np.median(spread).round(4), "worst landmark", np.median(spread, 0).max().round(4))
    print("left against right before the mean, dm:", np.linalg.norm(places - places[mirrored] * [-1, 1, 1], axis=1).mean().round(4))
    places = 0.5 * (places + places[mirrored] * [-1, 1, 1])
    jaw = -targets[("face_unit", "jawOpen")][:, 1]
    with_jaw = (jaw[skin_triangles] > 0.5 * jaw[np.abs(average[:, 0]) < 0.1].max()).all(1)
    a, b, c = (average[skin_triangles[:, i]] for i in range(3))
    rows, misses = [], []
    for landmark, place in enumerate(places):
        allowed = np.ones(len(skin_triangles), bool)
        if landmark in UPPER_INNER:
            allowed = ~with_jaw
        elif landmark in LOWER_INNER:
            allowed = with_jaw
        weights, distance = nearest_on_triangles(place, a, b, c)
        pick = np.argmin(np.where(allowed, distance, np.inf))
        rows.append(struct.pack("<Hff", numbers[pick], *weights[pick]))
        misses.append(np.sqrt(distance[pick]))
    print("distance from the mean place to the mesh, dm: mean", np.mean(misses).round(4), "max", np.max(misses).round(4))
    Path(out).write_bytes(b"MAULMK01" + b"".join(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
