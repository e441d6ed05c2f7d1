"""Golden pairs for the flow test: images, true motion, and what OpenCV makes of them.

    python flow_golden.py --astronaut astronaut.png --hopper grace_hopper.jpg --out crates/microau-vision/tests/assets/flow

One pair of each kind of flow_pairs.py (see there for the portraits), 192 px, seed 7. NAME.f16 holds planes u, v and moving
(0 or 1) at every fourth pixel (x = y = 2, 6, ...), half precision, little endian. golden.json holds the end-point error of
OpenCV at those pixels, over all of them and over the moving ones, with its version. One thread.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from flow_pairs import EYES, KINDS, face_scene, make_pair

SIZE, STEP, SEED = 192, 4, 7


def peers() -> dict:
    return {
        "opencv_dis_medium": cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc,
        "opencv_dual_tvl1": cv2.optflow.DualTVL1OpticalFlow_create().calc,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--astronaut", type=Path, required=True)
    parser.add_argument("--hopper", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    cv2.setNumThreads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    faces = {name: face_scene(getattr(args, name), EYES[name], SIZE) for name in EYES}
    pairs = []
    for number, kind in enumerate(KINDS):
        first, second, flow, moving, facts = make_pair(SEED, kind, number, faces, SIZE)
        cv2.imwrite(str(args.out / f"{kind}_a.png"), first, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        cv2.imwrite(str(args.out / f"{kind}_b.png"), second, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        picked = np.s_[STEP // 2 :: STEP, STEP // 2 :: STEP]
        truth, mask = flow[picked], moving[picked]
        np.stack([truth[..., 0], truth[..., 1], mask]).astype("<f2").tofile(args.out / f"{kind}.f16")
        errors = {}
        for name, calc in peers().items():
            error = np.linalg.norm(calc(first, second, None)[picked] - truth, axis=-1)
            errors[name] = dict(epe=round(float(error.mean()), 5), epe_moving=round(float(error[mask].mean()), 5))
        pairs.append(dict(name=kind, **facts, **errors))
    golden = dict(size=SIZE, step=STEP, seed=SEED, opencv=cv2.__version__, numpy=np.__version__, pairs=pairs)
    (args.out / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
