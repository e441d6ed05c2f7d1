"""The method in plain PyTorch: the twin that the Rust model is held against.

    python reference/twin.py crates/microau-model/tests/assets/twin

Every function is one formula of docs/method.md, written as it stands there, in float64 and without any care for speed.
Weights are a dictionary under the names of the Rust model; a linear map `x W + b` has W [inputs, outputs].

For each case a safetensors file is written with the weights (`weight/...`), the inputs (`input/...`), what the model makes
of them (`output/...`) and the gradients of the total loss (`gradient/...`), and as metadata the settings, the seed and the
versions. `losses.safetensors` holds the losses alone, also at logits of +-100; `labels.json` the dependency prior and the
class weights of label tables with unknowns, counted with numpy, and the couplings of their AUs, fitted with scikit-learn.

Axes: B clips, T frames after the onset, P patches, K AUs, H heads, D width of tokens, V width of the pixel tower, d joint.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import sklearn
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from sklearn.linear_model import LogisticRegression

Weights = dict[str, torch.Tensor]


# ---------------------------------------------------------------- parts


def linear(w: Weights, name: str, x: torch.Tensor) -> torch.Tensor:
    y = x @ w[f"{name}.weight"]
    return y + w[f"{name}.bias"] if f"{name}.bias" in w else y


def layer_norm(w: Weights, name: str, x: torch.Tensor) -> torch.Tensor:
    return F.layer_norm(x, x.shape[-1:], w[f"{name}.gamma"], w[f"{name}.beta"], 1e-5)


def mlp(w: Weights, name: str, x: torch.Tensor) -> torch.Tensor:
    return linear(w, f"{name}.down", F.gelu(linear(w, f"{name}.up", x)))


def split(x: torch.Tensor, heads: int) -> torch.Tensor:
    """[..., N, D] -> [..., H, N, D/H]"""
    return x.unflatten(-1, (heads, -1)).transpose(-2, -3)


def merge(x: torch.Tensor) -> torch.Tensor:
    """[..., H, N, D/H] -> [..., N, D]"""
    return x.transpose(-2, -3).flatten(-2)


def block(w: Weights, name: str, x: torch.Tensor, heads: int, bias=0.0) -> torch.Tensor:
    """One pre-norm transformer block; `bias` is added to the attention scores."""
    n = layer_norm(w, f"{name}.norm_attention", x)
    q, k, v = (split(linear(w, f"{name}.attention.{part}", n), heads) for part in ("query", "key", "value"))
    a = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + bias, -1)
    x = x + linear(w, f"{name}.attention.out", merge(a @ v))
    return x + mlp(w, f"{name}.mlp", layer_norm(w, f"{name}.norm_mlp", x))


# ---------------------------------------------------------------- method §2: motion tokens


def phi(w: Weights, flow: torch.Tensor, config: dict) -> torch.Tensor:
    """Patch embedding of the flow: [N, 3, h, w] -> [N, P, D]"""
    side = config["patch_px"] // config["flow_stride_px"]
    if config["flow_embed"] == "conv":
        count = int(math.log2(side))
        x = flow
        for level in range(count):
            name = f"motion.flow.halvings.{level}"
            x = F.conv2d(x, w[f"{name}.weight"], w[f"{name}.bias"], stride=2, padding=1)
            x = F.relu(x) if level + 1 < count else x
        e = x.flatten(2).transpose(1, 2)
    else:
        x = F.unfold(flow, side, stride=side).transpose(1, 2)  # [N, P, 3*s*s]
        if config["flow_embed"] == "mlp":
            x = F.gelu(linear(w, "motion.flow.hidden", x))
        e = linear(w, "motion.flow.out", x)
    return e + w["motion.flow.positions"]


def motion_tokens(w: Weights, x: dict, config: dict) -> torch.Tensor:
    """m = LN( W_a T(I_t) + W_delta (T(I_t) - T(I_o)) + phi(flow) ): [B, T, P, D]"""
    mode = config["input"]
    m = 0.0
    if mode != "flow":
        m = m + linear(w, "motion.appearance", x["later"])
    if mode in ("pair", "pair+flow"):
        m = m + linear(w, "motion.change", x["later"] - x["onset"].unsqueeze(1))
    if mode in ("flow", "pair+flow"):
        m = m + torch.stack([phi(w, x["flow"][:, t], config) for t in range(x["flow"].shape[1])], 1)
    m = layer_norm(w, "motion.norm", m)
    for i in range(config["motion_blocks"]):
        m = block(w, f"motion.blocks.{i}", m, config["heads"])
    return m


def pool_over_time(w: Weights, m: torch.Tensor) -> torch.Tensor:
    """m_p = sum_t softmax_t(w . m_tp) m_tp: [B, T, P, D] -> [B, P, D]"""
    if m.shape[1] == 1:
        return m[:, 0]
    return (torch.softmax(linear(w, "temporal.score", m), 1) * m).sum(1)


# ---------------------------------------------------------------- method §3: Patch Token Attention


def patch_token_attention(w: Weights, m: torch.Tensor, r: torch.Tensor, mean_text: torch.Tensor, config: dict):
    """u [B, K, D] and the weights alpha [B, H, K, P]"""
    heads = config["heads"]
    q = w["pta.learned"] + linear(w, "pta.text", mean_text)  # [K, D]
    query = split(linear(w, "pta.query", q), heads)  # [H, K, d_h]
    key = split(linear(w, "pta.key", m), heads)  # [B, H, P, d_h]
    value = split(linear(w, "pta.value", m), heads)
    s = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])  # [B, H, K, P]
    if config["lsi"] == "pta":
        alpha = torch.softmax(s + torch.log(r).unsqueeze(1), -1)  # ln 0 = -inf
    elif config["lsi"] == "whole-face":
        alpha = torch.softmax(s, -1)
    else:
        alpha = (r / r.sum(-1, keepdim=True)).unsqueeze(1).expand_as(s)
    u = q + linear(w, "pta.out", merge(alpha @ value))
    return u + mlp(w, "pta.mlp", layer_norm(w, "pta.norm", u)), alpha


# ---------------------------------------------------------------- method §4: Global Dependency Attention


def global_dependency_attention(w: Weights, u: torch.Tensor, c: torch.Tensor, config: dict) -> torch.Tensor:
    """f = u + g * (what a block with scores biased by b_h * C adds to u)"""
    bias = w["gda.bias"].reshape(-1, 1, 1) * c  # [H, K, K]
    return u + w["gda.gate"] * (block(w, "gda.block", u, config["heads"], bias) - u)


# ---------------------------------------------------------------- method §6: scores and MiAUCL


def alignment(w: Weights, f: torch.Tensor, active: torch.Tensor, inactive: torch.Tensor):
    """v [B, K, d], v.t^act/tau [B, K, L], v.t^inact/tau [B, K]"""
    v = F.normalize(f @ w["head.projection"], dim=-1)
    scale = torch.clamp(w["head.log_scale"], max=math.log(100.0)).exp()
    return v, torch.einsum("bkd,ld->bkl", v, active) * scale, torch.einsum("bkd,kd->bk", v, inactive) * scale


def own(to_active: torch.Tensor) -> torch.Tensor:
    return to_active.diagonal(dim1=1, dim2=2)


def state_loss(z, active, known, weights):
    """mean over known labels of w * softplus(-y' z)"""
    w = torch.where(active > 0, weights, torch.ones_like(z))
    sign = 2 * active - 1
    return (known * w * softplus(-sign * z)).sum() / known.sum().clamp(min=1)


def visual_to_text_loss(to_active, to_inactive, active):
    """mean over active labels of -log( e^{own} / (sum_l e^{to_active_l} + e^{to_inactive}) )"""
    terms = [
        torch.logsumexp(torch.cat([to_active[i, k], to_inactive[i, k].reshape(1)]), 0) - to_active[i, k, k]
        for i, k in active.nonzero().tolist()
    ]
    return mean_of(terms, to_active)


def text_to_visual_loss(to_active, active, known):
    """mean over AUs with positives of the mean over these of -log( e^own / (e^own + sum over negatives e^own_j) )"""
    s = own(to_active)
    by_au = []
    for k in range(s.shape[1]):
        negatives = s[(known[:, k] > 0) & (active[:, k] == 0), k]
        terms = [torch.logsumexp(torch.cat([s[i, k].reshape(1), negatives]), 0) - s[i, k] for i in active[:, k].nonzero()[:, 0]]
        if terms:
            by_au.append(mean_of(terms, to_active))
    return mean_of(by_au, to_active)


def softplus(x):
    return torch.logaddexp(x, torch.zeros_like(x))


def mean_of(terms: list, like: torch.Tensor) -> torch.Tensor:
    return torch.stack([t.reshape(()) for t in terms]).mean() if terms else 0.0 * like.sum()


# ---------------------------------------------------------------- method §7: Global Dependency Loss


def global_dependency_loss(projected: torch.Tensor, c: torch.Tensor, omega: torch.Tensor) -> torch.Tensor:
    """sum_{k<l} omega_kl (R_kl - C_kl)^2, R the correlation of two AUs' features over the batch"""
    changes = projected - projected.mean(0)
    together = torch.einsum("bkd,bld->kl", changes, changes)
    size = together.diagonal().sqrt()
    return ((together / (size[:, None] * size) - c) ** 2 * omega).triu(1).sum()


# ---------------------------------------------------------------- method §4: the prior, §6: class weights, couplings


def prior(labels: np.ndarray, kappa: float):
    """C and omega of a label table [N, K] with NaN for unknown; phi is numpy's correlation of two 0/1 columns."""
    aus = labels.shape[1]
    c, omega = np.zeros((aus, aus)), np.zeros((aus, aus))
    for k in range(aus):
        for l in range(aus):
            both = labels[~np.isnan(labels[:, k]) & ~np.isnan(labels[:, l])][:, [k, l]]
            if k == l or len(both) == 0 or both.std(0).min() == 0:
                continue
            seen = (both.max(1) == 1).sum()
            omega[k, l] = seen / (seen + kappa)
            c[k, l] = np.corrcoef(both.T)[0, 1] * omega[k, l]
    return c, omega


def couplings(labels: np.ndarray):
    """J and pi of a label table [N, K] with NaN for unknown: scikit-learn's logistic regression, one an AU."""
    rates = (labels == 1).sum(0) / np.maximum((~np.isnan(labels)).sum(0), 1)
    beside = np.nan_to_num(labels - rates)
    weights = np.zeros((labels.shape[1],) * 2)
    for k in range(labels.shape[1]):
        known, others = ~np.isnan(labels[:, k]), np.arange(labels.shape[1]) != k
        if len(np.unique(labels[known, k])) == 2:
            fit = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(beside[known][:, others], labels[known, k])
            weights[k, others] = fit.coef_[0]
    return weights, rates


def coupled(logits: np.ndarray, weights: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """z'' of z' [B, K]"""
    return logits + (1 / (1 + np.exp(-logits)) - rates) @ weights.T


def class_weights(labels: np.ndarray) -> np.ndarray:
    positives, negatives = (labels == 1).sum(0), (labels == 0).sum(0)
    return np.where(positives > 0, np.minimum(negatives / np.maximum(positives, 1), 10.0), 1.0)


# ---------------------------------------------------------------- the whole model


def model(w: Weights, x: dict, config: dict) -> dict:
    m = pool_over_time(w, motion_tokens(w, x, config))
    active, inactive = x["text_active"], x["text_inactive"]
    u, alpha = patch_token_attention(w, m, x["region"], (active + inactive) / 2, config)
    f = global_dependency_attention(w, u, x["dependency"], config) if config["gda"] else u
    v, to_active, to_inactive = alignment(w, f, active, inactive)
    z = own(to_active) - to_inactive + w["head.bias"]
    out = {"motion": m, "features": f, "joint": v, "attention": alpha.mean(1), "logits": z}
    out["emotions"] = emotions(v, torch.sigmoid(z), x["text_emotions"])
    out |= losses(w, out, to_active, to_inactive, x, config)
    return out


def emotions(v: torch.Tensor, p: torch.Tensor, texts: torch.Tensor) -> torch.Tensor:
    """method §8: likeness of the clip's AU features, weighted by probability, to the text of each emotion"""
    return ((p.unsqueeze(-1) * v).sum(1) / p.sum(1, keepdim=True).clamp(min=1)) @ texts.T


def losses(w: Weights, out: dict, to_active, to_inactive, x: dict, config: dict) -> dict:
    active, known, weights = x["active"], x["known"], x["class_weights"]
    parts = {"state": state_loss(out["logits"], active, known, weights)}
    total = parts["state"]
    if config["miaucl"] == "full":
        parts["v2t"] = visual_to_text_loss(to_active, to_inactive, active)
        parts["t2v"] = text_to_visual_loss(to_active, active, known)
        total = total + config["lambda"]["v2t"] * parts["v2t"] + config["lambda"]["t2v"] * parts["t2v"]
    if config["gdloss"]:
        projected = linear(w, "gdloss.projection", out["features"])
        parts["gdloss"] = global_dependency_loss(projected, x["dependency"], x["trust"])
        total = total + config["lambda"]["gdloss"] * parts["gdloss"]
    return parts | {"total": total}


# ---------------------------------------------------------------- goldens

TINY = {
    "preset": "nano", "aus": ["AU01", "AU02", "AU04", "AU12"], "input": "pair+flow", "frames": "pair", "lsi": "pta",
    "gda": True, "gdloss": True, "miaucl": "full", "lambda": {"v2t": 0.3, "t2v": 0.2, "gdloss": 0.1}, "kappa": 20.0,
    "crop_px": 48, "patch_px": 16, "visual": {"width": 6, "depth": 1, "heads": 2, "activation": "gelu"}, "token_block": 1,
    "width": 8, "heads": 2, "text_width": 5, "motion_blocks": 0, "flow_embed": "conv", "flow_stride_px": 4,
}

CASES = {
    "pair_flow": {},
    "apex": {"input": "apex"},
    "pair": {"input": "pair"},
    "flow_linear": {"input": "flow", "flow_embed": "linear"},
    "flow_mlp": {"input": "flow", "flow_embed": "mlp"},
    "flow_conv": {"input": "flow", "flow_stride_px": 2},
    "uniform": {"frames": "uniform:3"},
    "lsi_mean": {"input": "flow", "lsi": "mean"},
    "lsi_whole_face": {"input": "flow", "lsi": "whole-face"},
    "lsi_alone": {"input": "flow", "gda": False, "gdloss": False, "miaucl": "state"},
    "motion_blocks": {"input": "flow", "motion_blocks": 1},
}  # fmt: skip


def shapes(config: dict) -> dict[str, list[int]]:
    """Every weight of a model with these settings."""
    d, v, t, k = config["width"], config["visual"]["width"], config["text_width"], len(config["aus"])
    patches, side = (config["crop_px"] // config["patch_px"]) ** 2, config["patch_px"] // config["flow_stride_px"]
    s: dict[str, list[int]] = {}

    def lin(name, inputs, outputs, bias=True):
        s[f"{name}.weight"] = [inputs, outputs]
        if bias:
            s[f"{name}.bias"] = [outputs]

    def norm(name):
        s[f"{name}.gamma"], s[f"{name}.beta"] = [d], [d]

    def perceptron(name):
        lin(f"{name}.up", d, 2 * d)
        lin(f"{name}.down", 2 * d, d)

    def transformer(name):
        norm(f"{name}.norm_attention")
        for part in ("query", "key", "value", "out"):
            lin(f"{name}.attention.{part}", d, d)
        norm(f"{name}.norm_mlp")
        perceptron(f"{name}.mlp")

    if config["input"] != "flow":
        lin("motion.appearance", v, d)
    if config["input"] in ("pair", "pair+flow"):
        lin("motion.change", v, d, bias=False)
    if config["input"] in ("flow", "pair+flow"):
        s["motion.flow.positions"] = [patches, d]
        if config["flow_embed"] == "conv":
            count = int(math.log2(side))
            channels = [3] + [max(d >> (count - level), 1) for level in range(1, count + 1)]
            for level in range(count):
                s[f"motion.flow.halvings.{level}.weight"] = [channels[level + 1], channels[level], 3, 3]
                s[f"motion.flow.halvings.{level}.bias"] = [channels[level + 1]]
        elif config["flow_embed"] == "mlp":
            lin("motion.flow.hidden", 3 * side * side, 2 * d)
            lin("motion.flow.out", 2 * d, d)
        else:
            lin("motion.flow.out", 3 * side * side, d)
    norm("motion.norm")
    for i in range(config["motion_blocks"]):
        transformer(f"motion.blocks.{i}")
    if config["frames"] != "pair":
        lin("temporal.score", d, 1, bias=False)
    s["pta.learned"] = [k, d]
    lin("pta.text", t, d, bias=False)
    for part in ("query", "key", "value"):
        lin(f"pta.{part}", d, d, bias=False)
    lin("pta.out", d, d)
    norm("pta.norm")
    perceptron("pta.mlp")
    if config["gda"]:
        transformer("gda.block")
        s["gda.bias"], s["gda.gate"] = [config["heads"]], [1]
    s["head.projection"], s["head.log_scale"], s["head.bias"] = [d, t], [1], [k]
    if config["gdloss"]:
        lin("gdloss.projection", d, d, bias=False)
    return s


def random_weights(config: dict, g: torch.Generator) -> Weights:
    w = {}
    for name, shape in shapes(config).items():
        fan_in = math.prod(shape[1:]) if ".halvings." in name else shape[0]
        spread = 1.0 if name.endswith((".bias", ".beta")) or len(shape) < 2 else 1.5 / math.sqrt(fan_in)
        w[name] = rounded(torch.randn(shape, generator=g, dtype=torch.float64) * spread * (0.3 if len(shape) == 1 else 1.0))
        if name.endswith(".gamma"):
            w[name] = rounded(w[name] + 1.0)
    w["head.log_scale"] = rounded(torch.tensor([math.log(6.0)], dtype=torch.float64))
    return w


def random_inputs(config: dict, g: torch.Generator) -> dict:
    clips, aus, d = 5, len(config["aus"]), config["text_width"]
    frames = 1 if config["frames"] == "pair" else int(config["frames"].split(":")[1])
    patches, flow_side = (config["crop_px"] // config["patch_px"]) ** 2, config["crop_px"] // config["flow_stride_px"]
    normal = lambda *shape: rounded(torch.randn(*shape, generator=g, dtype=torch.float64))
    unit = lambda rows: rounded(F.normalize(normal(rows, d), dim=-1))
    x = {"text_active": unit(aus), "text_inactive": unit(aus), "text_emotions": unit(7)}
    if config["input"] != "flow":
        x["later"] = normal(clips, frames, patches, config["visual"]["width"])
    if config["input"] in ("pair", "pair+flow"):
        x["onset"] = normal(clips, patches, config["visual"]["width"])
    if config["input"] in ("flow", "pair+flow"):
        x["flow"] = normal(clips, frames, 3, flow_side, flow_side)
    share = torch.rand(clips, aus, patches, generator=g, dtype=torch.float64)
    x["region"] = rounded(torch.where(share > 0.4, share, torch.zeros_like(share)))
    x["region"][:, :, 0] = 0.25  # every AU has a patch
    table = torch.randint(0, 3, (clips, aus), generator=g)  # 0 inactive, 1 active, 2 unknown
    x["active"], x["known"] = (table == 1).double(), (table < 2).double()
    x["class_weights"] = rounded(1 + 3 * torch.rand(aus, generator=g, dtype=torch.float64))
    symmetric = lambda m: rounded((m + m.T) / 2 * (1 - torch.eye(aus)))
    x["dependency"] = symmetric(torch.rand(aus, aus, generator=g, dtype=torch.float64) * 2 - 1)
    x["trust"] = symmetric(torch.rand(aus, aus, generator=g, dtype=torch.float64))
    return x


def rounded(x: torch.Tensor) -> torch.Tensor:
    """The nearest float32 values, so that both sides start from the same numbers."""
    return x.float().double()


def write_case(folder: Path, name: str, changes: dict, seed: int) -> None:
    config = TINY | changes
    g = torch.Generator().manual_seed(seed)
    w, x = random_weights(config, g), random_inputs(config, g)
    seen = [key for key in ("onset", "later", "flow") if key in x]
    for tensor in [*w.values(), *(x[key] for key in seen)]:
        tensor.requires_grad_()
    out = model(w, x, config)
    out["total"].backward()
    tensors = {f"weight/{key}": value for key, value in w.items()}
    tensors |= {f"input/{key}": value for key, value in x.items()}
    tensors |= {f"output/{key}": value.reshape(value.shape or (1,)) for key, value in out.items()}
    grad = lambda t: torch.zeros_like(t) if t.grad is None else t.grad
    tensors |= {f"gradient/{key}": grad(value) for key, value in w.items()}
    tensors |= {f"gradient/{key}": grad(x[key]) for key in seen}
    save(folder / f"{name}.safetensors", tensors, {"config": json.dumps(config), "seed": str(seed)})


def write_losses(folder: Path, seed: int) -> None:
    """Losses on given alignments: ordinary, far out at +-100, and label tables with nothing to learn from."""
    g = torch.Generator().manual_seed(seed)
    clips, aus = 6, 4
    tensors = {}
    tables = {
        "ordinary": torch.randint(0, 3, (clips, aus), generator=g),
        "all_active": torch.ones(clips, aus, dtype=torch.long),
        "all_inactive": torch.zeros(clips, aus, dtype=torch.long),
        "all_unknown": torch.full((clips, aus), 2),
    }
    for scale_name, scale in {"near": 3.0, "far": 100.0}.items():
        for table_name, table in tables.items():
            case = f"{scale_name}_{table_name}"
            active, known = (table == 1).double(), (table < 2).double()
            z, to_active, to_inactive = (
                signed_far(torch.randn(shape, generator=g, dtype=torch.float64), scale).requires_grad_()
                for shape in ([clips, aus], [clips, aus, aus], [clips, aus])
            )
            weights = rounded(1 + 9 * torch.rand(aus, generator=g, dtype=torch.float64))
            values = {
                "state": state_loss(z, active, known, weights),
                "v2t": visual_to_text_loss(to_active, to_inactive, active),
                "t2v": text_to_visual_loss(to_active, active, known),
            }
            leaves = {"logits": z, "to_active": to_active, "to_inactive": to_inactive}
            tensors |= {f"{case}/{key}": value for key, value in leaves.items()}
            tensors |= {f"{case}/active": active, f"{case}/known": known, f"{case}/weights": weights}
            for loss, value in values.items():
                tensors[f"{case}/{loss}"] = value.reshape(1)
                gradients = torch.autograd.grad(value, list(leaves.values()), retain_graph=True, allow_unused=True)
                for leaf, gradient in zip(leaves, gradients):
                    if gradient is not None:
                        tensors[f"{case}/{loss}/{leaf}"] = gradient
    save(folder / "losses.safetensors", tensors, {"seed": str(seed)})


def signed_far(x: torch.Tensor, scale: float) -> torch.Tensor:
    """Ordinary numbers as they are; far ones all at plus or minus `scale`."""
    return rounded(x.sign() * scale if scale > 10 else x * scale)


def write_labels(folder: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cases = []
    for clips, aus, unknown, kappa in [(40, 5, 0.0, 20.0), (60, 4, 0.3, 5.0), (3, 3, 0.5, 0.0), (50, 6, 0.1, 20.0)]:
        base = rng.random((clips, 1))
        labels = (0.6 * base + 0.4 * rng.random((clips, aus)) < rng.uniform(0.1, 0.6, aus)).astype(float)
        labels[rng.random((clips, aus)) < unknown] = np.nan
        labels[:, -1] = 0.0  # an AU that never fires
        c, omega = prior(labels, kappa)
        weights, rates = couplings(labels)
        logits = rng.normal(0, 3, (4, aus)).round(3)
        rows = [[None if np.isnan(value) else bool(value) for value in row] for row in labels]
        cases.append({
            "kappa": kappa, "rows": rows, "dependency": c.tolist(), "trust": omega.tolist(),
            "class_weights": class_weights(labels).tolist(), "couplings": weights.tolist(), "rates": rates.tolist(),
            "logits": logits.tolist(), "coupled": coupled(logits, weights, rates).tolist(),
        })  # fmt: skip
    text = json.dumps({"seed": seed, "numpy": np.__version__, "scikit-learn": sklearn.__version__, "cases": cases})
    (folder / "labels.json").write_text(text + "\n")


def save(path: Path, tensors: Weights, metadata: dict[str, str]) -> None:
    tensors = {key: value.detach().float().contiguous() for key, value in tensors.items()}
    save_file(tensors, path, metadata={"torch": torch.__version__, "made_by": "reference/twin.py"} | metadata)


def main(folder: str) -> None:
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for seed, (name, changes) in enumerate(CASES.items(), start=1):
        write_case(out, name, changes, seed)
    write_losses(out, seed=101)
    write_labels(out, seed=102)


if __name__ == "__main__":
    main(*sys.argv[1:])
