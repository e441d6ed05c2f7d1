"""Our visual tower against PyTorch's and onnxruntime's, on the same weights and pictures, in turn, in one run.

    pip install torch numpy safetensors onnx onnxruntime onnxscript
    cargo build --release -p microau-model --example tower_speed
    python benches/peers/tower.py --ours target/release/examples/tower_speed --work DIR --page docs/benchmarks/engine.md

ViT-B/16 at 224 px with random weights and exact GELU (the form that the peers have as one operation), all twelve blocks, tokens of the
last. Every contender runs a few calls in each round, one after the other. Other programs on the machine only ever add time, so a
figure is the fastest call of all rounds; beside it stands the median over rounds of the fastest call of a round. The roofline is
measured in every round as well.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import time
from pathlib import Path

PRECISIONS = ("f32", "bf16", "int8")
BATCHES = (1, 8)
WIDTH, LAYERS, HEADS, PATCH, SIDE = 768, 12, 12, 16, 224
TOKENS = (SIDE // PATCH) ** 2 + 1
PEERS = {
    "f32": ["onnxruntime f32", "PyTorch f32"],
    "bf16": ["PyTorch bf16"],
    "int8": ["onnxruntime dynamic int8"],
}
GOALS = {"f32": (0.95, 0.75), "bf16": (0.85, 0.65), "int8": (0.85, 0.60)}


def operations():
    """Multiplications and additions of one picture: products of the blocks, scores and gathering, patch embedding."""
    block = TOKENS * WIDTH * WIDTH * 12 + 2 * TOKENS * TOKENS * WIDTH
    return 2 * (LAYERS * block + (TOKENS - 1) * WIDTH * 3 * PATCH * PATCH)


def tower(torch):
    """CLIP's visual tower up to its tokens, under names of our own."""
    from torch import nn
    from torch.nn import functional as F

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

        def forward(self, x):
            b, t, _ = x.shape
            q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
            seen = F.scaled_dot_product_attention(q, k, v)
            x = x + self.out(seen.transpose(1, 2).reshape(b, t, WIDTH))
            return x + self.down(F.gelu(self.up(self.norm2(x))))

    class Tower(nn.Module):
        def __init__(self):
            super().__init__()
            self.patches = nn.Conv2d(3, WIDTH, PATCH, PATCH, bias=False)
            self.class_token = nn.Parameter(torch.randn(WIDTH) * 0.02)
            self.positions = nn.Parameter(torch.randn(TOKENS, WIDTH) * 0.02)
            self.norm = nn.LayerNorm(WIDTH)
            self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))

        def forward(self, pixels):
            patches = self.patches(pixels).flatten(2).transpose(1, 2)
            start = self.class_token.expand(pixels.shape[0], 1, WIDTH)
            x = self.norm(torch.cat([start, patches], 1) + self.positions)
            for block in self.blocks:
                x = block(x)
            return x[:, 1:]

    torch.manual_seed(0)
    return Tower().eval()


def save(model, work):
    """The weights under Hugging Face's names, with the configuration beside them."""
    from safetensors.torch import save_file

    vision = "vision_model."
    weights = {
        vision + "embeddings.class_embedding": model.class_token,
        vision + "embeddings.patch_embedding.weight": model.patches.weight,
        vision + "embeddings.position_embedding.weight": model.positions,
    }
    modules = {vision + "pre_layrnorm": model.norm}
    for i, block in enumerate(model.blocks):
        at = f"{vision}encoder.layers.{i}."
        modules |= {at + "layer_norm1": block.norm1, at + "layer_norm2": block.norm2}
        modules |= {at + "self_attn.out_proj": block.out, at + "mlp.fc1": block.up, at + "mlp.fc2": block.down}
        parts = zip("qkv", block.qkv.weight.chunk(3), block.qkv.bias.chunk(3))
        for name, weight, bias in parts:
            weights |= {f"{at}self_attn.{name}_proj.weight": weight, f"{at}self_attn.{name}_proj.bias": bias}
    modules[vision + "post_layernorm"] = model.norm  # not reached by the tokens
    for name, module in modules.items():
        weights |= {name + ".weight": module.weight, name + ".bias": module.bias}
    weights["visual_projection.weight"] = model.positions  # nor this
    weights = {name: weight.detach().clone().contiguous() for name, weight in weights.items()}
    save_file(weights, work / "model.safetensors")
    vision_config = {"num_attention_heads": HEADS, "hidden_act": "gelu"}
    (work / "config.json").write_text(json.dumps({"vision_config": vision_config}))


class OnnxPeer:
    def __init__(self, path, threads):
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def __call__(self, pixels):
        return self.session.run(None, {"pixels": pixels})[0]


class TorchPeer:
    def __init__(self, torch, model, dtype):
        self.torch, self.model, self.dtype = torch, model.to(dtype), dtype

    def __call__(self, pixels):
        with self.torch.inference_mode():
            return self.model(self.torch.from_numpy(pixels).to(self.dtype)).float().numpy()


class Ours:
    def __init__(self, program, work, threads):
        command = [program, work / "model.safetensors", work / "pixels.f32", str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *question):
        self.process.stdin.write(" ".join(map(str, question)) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def processor_ms(self):
        """Time that all threads have run, without what they waited for a core; NaN where the system does not tell."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6 or float("nan")


def export(torch, model, pixels, work):
    """The graph in f32 and with int8 products whose activations are quantised as they come."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    f32, int8 = work / "tower.onnx", work / "tower.int8.onnx"
    with torch.inference_mode():
        torch.onnx.export(
            model,
            (torch.from_numpy(pixels[:2]),),
            f32,
            input_names=["pixels"],
            dynamo=True,
            dynamic_shapes={"pixels": {0: torch.export.Dim("batch", min=1, max=64)}},
            external_data=False,
        )
    quantize_dynamic(f32, int8, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gemm"])
    return str(f32), str(int8)


def fastest(peer, pixels, calls):
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        peer(pixels)
        times.append((time.perf_counter() - start) * 1e3)
    return min(times)


def run(args):
    os.environ["OMP_NUM_THREADS"] = str(args.threads)
    import numpy as np
    import onnxruntime
    import torch

    torch.set_num_threads(args.threads)
    args.work.mkdir(parents=True, exist_ok=True)
    model = tower(torch)
    save(model, args.work)
    pixels = np.random.default_rng(0).normal(size=(max(BATCHES), 3, SIDE, SIDE)).astype(np.float32)
    pixels.tofile(args.work / "pixels.f32")
    f32, int8 = export(torch, model, pixels, args.work)
    peers = {
        "onnxruntime f32": OnnxPeer(f32, args.threads),
        "PyTorch f32": TorchPeer(torch, model, torch.float32),
        "PyTorch bf16": TorchPeer(torch, tower(torch), torch.bfloat16),
        "onnxruntime dynamic int8": OnnxPeer(int8, args.threads),
    }
    ours = Ours(args.ours, args.work, args.threads)
    exact = peers["PyTorch f32"](pixels)
    gaps = {}
    for precision in PRECISIONS:
        ours.ask("tokens", precision, max(BATCHES), args.work / "tokens.f32")
        got = np.fromfile(args.work / "tokens.f32", np.float32).reshape(exact.shape)
        gaps[f"ours {precision}"] = float(abs(got - exact).max())
    for name, peer in peers.items():
        gaps[name] = float(abs(peer(pixels) - exact).max())
    times, busy, peaks = {}, {}, {precision: [] for precision in PRECISIONS}
    loads = f"{os.getloadavg()[0]:.1f}"
    for turn in range(args.rounds):
        for batch in BATCHES:
            calls = max(2, args.calls // batch)
            for precision in PRECISIONS:
                peaks[precision].append(max(ours.ask("peak", precision) for _ in range(5)))
                before = ours.processor_ms()
                mine = min(ours.ask("time", precision, batch, calls))
                busy.setdefault((precision, batch), []).append((ours.processor_ms() - before) / calls)
                times.setdefault((f"ours {precision}", batch), []).append(mine)
                for name in PEERS[precision]:
                    times.setdefault((name, batch), []).append(fastest(peers[name], pixels[:batch], calls))
                    time.sleep(0.1)  # its threads go on spinning for a while
        print(f"round {turn + 1} of {args.rounds}", flush=True)
    loads += f" and {os.getloadavg()[0]:.1f}"
    versions = f"PyTorch {torch.__version__}, onnxruntime {onnxruntime.__version__}"
    return times, busy, peaks, gaps, float(abs(exact).max()), versions, loads


def processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores" if names else platform.processor()


def page(args, times, busy, peaks, gaps, largest, versions, loads):
    fastest_of = {key: min(values) for key, values in times.items()}
    cell = lambda key: f"{fastest_of[key]:.1f} ({statistics.median(times[key]):.1f}, {max(times[key]):.1f})"
    lines = [
        "# The engine against its peers",
        "",
        f"Machine: {processor()}; {args.threads} threads each. {versions}. ViT-B/16 at {SIDE} px, random weights, exact GELU, all",
        f"{LAYERS} blocks, tokens of the last. Written by `benches/peers/tower.py`: {args.rounds} rounds, all contenders in turn in each; a figure",
        "is the fastest call (in brackets the median and the largest of the fastest calls of each round). Load of the machine when it",
        f"began and ended: {loads}.",
        "",
        "| precision | batch | ours, ms | peer | its time, ms | ours / peer | goal |",
        "|---|---|---|---|---|---|---|",
    ]
    for precision in PRECISIONS:
        for batch in BATCHES:
            mine = (f"ours {precision}", batch)
            for place, name in enumerate(PEERS[precision]):
                theirs = (name, batch)
                ratio = fastest_of[mine] / fastest_of[theirs]
                bound = f"{GOALS[precision][0]:.2f}" if place == 0 else ""
                lines.append(f"| {precision} | {batch} | {cell(mine)} | {name} | {cell(theirs)} | {ratio:.2f} | {bound} |")
    lines += [
        "",
        f"One picture takes {operations() / 1e9:.1f} G multiplications and additions. The roofline is a loop over registers with nothing to",
        "read or write, all threads at once, measured in the same rounds. Of it by the clock counts the time above, which other",
        "programs lengthen; by processor time what our threads ran for a call, the waiting for a core left out:",
        "",
        "| precision | roofline, G/s | floor of one picture, ms | batch | of it by the clock | by processor time | goal |",
        "|---|---|---|---|---|---|---|",
    ]
    for precision in PRECISIONS:
        peak = max(peaks[precision])
        floor = operations() / peak * 1e3
        for batch in BATCHES:
            by_clock = floor * batch / fastest_of[(f"ours {precision}", batch)]
            by_processor = floor * batch * args.threads / min(busy[(precision, batch)])
            shares = f"{by_clock:.0%} | {by_processor:.0%} | {GOALS[precision][1]:.0%}"
            lines.append(f"| {precision} | {peak / 1e9:.0f} | {floor:.1f} | {batch} | {shares} |")
    lines += [
        "",
        f"Largest gap of a token from PyTorch's f32, over {max(BATCHES)} pictures whose largest token is {largest:.1f}:",
        "",
        "| | gap |",
        "|---|---|",
    ]
    lines += [f"| {name} | {gap:.2g} |" for name, gap in gaps.items() if name != "PyTorch f32"]
    return "\n".join(lines) + "\n"


def write(path, tables):
    """Puts the tables in place of those that stand before the first section of the page."""
    before = path.read_text() if path.exists() else ""
    place = before.find("\n## ")
    path.write_text(tables + (before[place:] if place >= 0 else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--page", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=8)
    args = parser.parse_args()
    write(args.page, page(args, *run(args)))


if __name__ == "__main__":
    main()
