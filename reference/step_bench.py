"""The training steps of `cargo bench -p microau-model --bench train_step` in PyTorch, with the formulas of twin.py in float32.

    python reference/step_bench.py [THREADS]

Each step is forward, all losses, backward and AdamW on the same sizes. The whole ViT-B/16 is transformers' CLIPVisionModel with
random weights under the heads of the twin.
"""

import statistics
import sys
import time

import torch
import twin
from transformers import CLIPVisionConfig, CLIPVisionModel

AUS = [f"AU{n:02}" for n in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17)]
NANO = twin.TINY | {
    "aus": AUS, "input": "flow", "crop_px": 224, "patch_px": 16, "visual": {"width": 128, "depth": 4, "heads": 4},
    "width": 128, "heads": 4, "text_width": 384, "flow_stride_px": 2, "lambda": {"v2t": 0.2, "t2v": 0.2, "gdloss": 0.1},
}  # fmt: skip
VIT = NANO | {"input": "pair+flow", "visual": {"width": 768, "depth": 12, "heads": 12}, "width": 512, "heads": 8}


def inputs(config: dict, clips: int, g: torch.Generator) -> dict:
    """Inputs of twin.py for so many clips, float32."""
    x = twin.random_inputs(config, g)
    repeated = ("onset", "later", "flow", "region", "active", "known")
    wide = lambda key, t: t[torch.arange(clips) % len(t)] if key in repeated else t
    return {key: wide(key, value).float().contiguous() for key, value in x.items()}


def median_seconds(step, runs: int) -> float:
    step()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def heads_step(config: dict, clips: int, tower: torch.nn.Module | None = None):
    g = torch.Generator().manual_seed(1)
    w = {key: value.float().requires_grad_() for key, value in twin.random_weights(config, g).items()}
    x = inputs(config, clips, g)
    weights = list(w.values()) + (list(tower.parameters()) if tower else [])
    optimizer = torch.optim.AdamW(weights, lr=1e-3)
    pixels = torch.randn(2 * clips, 3, 224, 224) if tower else None

    def step():
        optimizer.zero_grad()
        if tower:
            tokens = tower(pixels, output_hidden_states=True).hidden_states[-2][:, 1:]
            x["onset"], x["later"] = tokens[:clips], tokens[clips:].unsqueeze(1)
        twin.model(w, x, config)["total"].backward()
        optimizer.step()

    return step


def main() -> None:
    if len(sys.argv) > 1:
        torch.set_num_threads(int(sys.argv[1]))
    vit = CLIPVisionModel(CLIPVisionConfig(hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
                                           num_attention_heads=12, patch_size=16, image_size=224))  # fmt: skip
    steps = {
        "train step, batch 32, flow mlp": (heads_step(NANO | {"flow_embed": "mlp"}, 32), 10),
        "train step, batch 32, flow conv": (heads_step(NANO, 32), 10),
        "train step, batch 16, heads on ViT-B/16 tokens": (heads_step(VIT, 16), 10),
        "train step, batch 2, whole ViT-B/16": (heads_step(VIT, 2, vit), 5),
    }
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    for name, (step, runs) in steps.items():
        print(f"{name}: {1000 * median_seconds(step, runs):.1f} ms")


if __name__ == "__main__":
    main()
