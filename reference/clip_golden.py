"""Writes what `crates/microau-model/tests/clip_golden.rs` expects: small random CLIP models in the published layouts,
what Hugging Face transformers computes with them, CLIP's tokens for some texts and CLIP's pixels for some pictures.

    python reference/clip_golden.py crates/microau-model/tests/assets/clip
    python reference/clip_golden.py --full vit-b-16 /tmp/vit-b-16      # a model of full size, not committed

The OpenCLIP file holds the same weights under OpenCLIP's names; OpenCLIP itself loads it here and must agree.
Pictures and pixels are made by a formula that the test repeats, so that they need no room.
"""

import argparse
import gzip
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import open_clip
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPImageProcessor, CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

SEED = 20260
PACKAGES = ["torch", "torchvision", "transformers", "open_clip_torch", "tokenizers", "pillow"]

# name: image, patch, width, layers, heads of the visual tower; number format of the file; activation; end-of-text id
TINY = {
    "p16": (48, 16, 32, 3, 2, torch.float32, "quick_gelu", 2),
    "p32": (64, 32, 32, 3, 4, torch.bfloat16, "gelu", 2),
    "p14": (56, 14, 32, 3, 2, torch.float16, "quick_gelu", 38),
}
FULL = {"vit-b-32": (32, 768, 12, 512), "vit-b-16": (16, 768, 12, 512), "vit-l-14": (14, 1024, 24, 768)}
RESIZED_PX = [32, 80]
IDS = [[37, 5, 9, 39, 0, 0, 0, 0], [37, 11, 2, 30, 7, 4, 4, 39], [37, 39, 39, 39, 39, 39, 39, 39]]

TEXTS = [
    "a photo of a cat",
    "A face with the inner brow raised.",
    "the lip corners pulled up and back, cheeks raised",
    "someone's brows are lowered; they've frowned, haven't they?",
    "AU12 at 35% (unilateral: left)",
    "upper lip raised -- nose wrinkled!!! ...",
    "  spaces\tand\nnew lines   ",
    "",
    "caf\u00e9 na\u00efve Stra\u00dfe \u0130stanbul",
    "\u5fae\u8868\u60c5 \u8868\u60c5",
    "\u044d\u043c\u043e\u0446\u0438\u044f \U0001f600\U0001f600 \u2014 ok",
    "e=mc2 1234567890 a_b-c/d\\e",
    "word " * 90,
]

# width, height of the picture; side of what CLIP sees
PICTURES = [(70, 50, 32), (31, 20, 32), (32, 32, 32), (33, 128, 32), (301, 173, 32), (640, 360, 48), (9, 5, 32)]


def formula_pixels(batch, side):
    """[batch, 3, side, side], values of k/500 - 1."""
    index = torch.arange(batch * 3 * side * side, dtype=torch.int64)
    return ((index * 7919 % 1000).float() / 500 - 1).reshape(batch, 3, side, side)


def formula_picture(width, height):
    """[height, width, 3]: waves of growing frequency with hard edges where they wrap."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return ((x * x * 24 // width + x * y * (5 + c) * 8 // (width + height) + y * 7 + c * 40) % 256).astype(np.uint8)


def randomise(model):
    """Weights at which every part matters: attention far from even, norms and biases far from neutral."""
    generator = torch.Generator().manual_seed(SEED)
    for name, weight in sorted(model.named_parameters()):
        noise = torch.randn(weight.shape, generator=generator)
        if name == "logit_scale":
            value = torch.tensor(2.3)
        elif "norm" in name or "layrnorm" in name:
            value = 0.2 * noise + (1.0 if name.endswith("weight") else 0.0)
        elif name.endswith("bias"):
            value = 0.2 * noise
        elif "embedding" in name and "patch" not in name:
            value = 0.5 * noise
        else:
            value = 1.2 * noise / weight[0].numel() ** 0.5
        weight.data.copy_(value)


def build(visual, text, embed, activation, eos):
    """A CLIPModel; `visual` and `text` are config fields."""
    text = {"bos_token_id": text["vocab_size"] - 3, "eos_token_id": eos, "pad_token_id": 1, **text}
    config = CLIPConfig(
        vision_config={"hidden_act": activation, "projection_dim": embed, **visual},
        text_config={"hidden_act": activation, "projection_dim": embed, **text},
        projection_dim=embed,
    )
    config._attn_implementation = "eager"
    model = CLIPModel(config).eval()
    randomise(model)
    return model


def save_hugging_face(model, folder, dtype):
    """model.safetensors and config.json; the model keeps what the number format kept."""
    folder.mkdir(parents=True, exist_ok=True)
    model.to(dtype).save_pretrained(folder)
    model.to(torch.float32)


def open_clip_names(state):
    """The same weights under OpenCLIP's names, query, key and value joined, projections turned."""
    out = {}
    blocks = {"vision_model": "visual.transformer.resblocks", "text_model": "transformer.resblocks"}
    inner = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"}
    plain = {
        "logit_scale": "logit_scale",
        "vision_model.embeddings.class_embedding": "visual.class_embedding",
        "vision_model.embeddings.patch_embedding.weight": "visual.conv1.weight",
        "vision_model.embeddings.position_embedding.weight": "visual.positional_embedding",
        "text_model.embeddings.token_embedding.weight": "token_embedding.weight",
        "text_model.embeddings.position_embedding.weight": "positional_embedding",
    }
    for end in ["weight", "bias"]:
        plain[f"vision_model.pre_layrnorm.{end}"] = f"visual.ln_pre.{end}"
        plain[f"vision_model.post_layernorm.{end}"] = f"visual.ln_post.{end}"
        plain[f"text_model.final_layer_norm.{end}"] = f"ln_final.{end}"
    for theirs, ours in plain.items():
        out[ours] = state[theirs]
    out["visual.proj"] = state["visual_projection.weight"].T
    out["text_projection"] = state["text_projection.weight"].T
    for tower, prefix in blocks.items():
        count = 1 + max(int(name.split(".")[3]) for name in state if name.startswith(f"{tower}.encoder"))
        for index in range(count):
            block = f"{tower}.encoder.layers.{index}"
            for end in ["weight", "bias"]:
                for theirs, ours in inner.items():
                    out[f"{prefix}.{index}.{ours}.{end}"] = state[f"{block}.{theirs}.{end}"]
                parts = [state[f"{block}.self_attn.{part}_proj.{end}"] for part in "qkv"]
                out[f"{prefix}.{index}.attn.in_proj_{end}"] = torch.cat(parts)
                out[f"{prefix}.{index}.attn.out_proj.{end}"] = state[f"{block}.self_attn.out_proj.{end}"]
    return {name: tensor.contiguous() for name, tensor in out.items()}


def save_open_clip(model, folder, golden):
    """open_clip_model.safetensors and its config, after OpenCLIP has loaded it and agreed."""
    visual, text = model.config.vision_config, model.config.text_config
    config = {
        "embed_dim": model.config.projection_dim,
        "quick_gelu": visual.hidden_act == "quick_gelu",
        "vision_cfg": {
            "image_size": visual.image_size,
            "layers": visual.num_hidden_layers,
            "width": visual.hidden_size,
            "head_width": visual.hidden_size // visual.num_attention_heads,
            "patch_size": visual.patch_size,
        },
        "text_cfg": {
            "context_length": text.max_position_embeddings,
            "vocab_size": text.vocab_size,
            "width": text.hidden_size,
            "heads": text.num_attention_heads,
            "layers": text.num_hidden_layers,
        },
    }
    weights = open_clip_names(model.state_dict())
    theirs = open_clip.CLIP(**config).eval()
    theirs.load_state_dict(weights, strict=True)
    pixels = formula_pixels(*golden["shape"].tolist())
    torch.testing.assert_close(theirs.encode_image(pixels), golden["image_embeds"], atol=2e-5, rtol=0)
    torch.testing.assert_close(theirs.encode_text(golden["input_ids"]), golden["text_embeds"], atol=2e-5, rtol=0)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights, folder / "open_clip_model.safetensors", metadata={"format": "pt"})
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config}, indent=1) + "\n")


def towers(model, pixels, ids):
    """Patch tokens after every number of blocks, both embeddings as projected, and CLIP's logits."""
    seen = model.vision_model(pixel_values=pixels, output_hidden_states=True)
    out = {f"patch_tokens.{n}": hidden[:, 1:] for n, hidden in enumerate(seen.hidden_states)}
    assert len(out) == model.config.vision_config.num_hidden_layers + 1
    out["image_embeds"] = model.visual_projection(seen.pooler_output)
    out["text_embeds"] = model.text_projection(model.text_model(input_ids=ids).pooler_output)
    out["logits"] = model(pixel_values=pixels, input_ids=ids).logits_per_image
    return out


def bilinear_positions(model, side):
    """[1 + side^2, D], which transformers has no setting for."""
    positions = model.vision_model.embeddings.position_embedding.weight
    grid = positions[1:].unflatten(0, (-1, int(len(positions) ** 0.5))).permute(2, 0, 1)[None]
    grid = torch.nn.functional.interpolate(grid, size=(side, side), mode="bilinear", align_corners=False)
    return torch.cat([positions[:1], grid[0].flatten(1).T])


def gradients(model, pixels, ids):
    """Gradients of a sum over patch tokens of the last block but one and both embeddings, each weighed by the formula."""
    out = towers(model, pixels, ids)
    depth = model.config.vision_config.num_hidden_layers - 1
    total = 0
    for name in [f"patch_tokens.{depth}", "image_embeds", "text_embeds"]:
        total = total + (out[name].flatten() * formula_pixels(1, 40).flatten()[: out[name].numel()]).sum()
    total.backward()
    wanted = {
        "class_token": model.vision_model.embeddings.class_embedding,
        "positions": model.vision_model.embeddings.position_embedding.weight,
        "q.0": model.vision_model.encoder.layers[0].self_attn.q_proj.weight,
        "k.0": model.vision_model.encoder.layers[0].self_attn.k_proj.weight,
        "v.1.bias": model.vision_model.encoder.layers[1].self_attn.v_proj.bias,
        "up.1": model.vision_model.encoder.layers[1].mlp.fc1.weight,
        "norm_in": model.vision_model.pre_layrnorm.weight,
        "projection": model.visual_projection.weight,
        "text.positions": model.text_model.embeddings.position_embedding.weight,
        "text.tokens": model.text_model.embeddings.token_embedding.weight,
        "text.q.0": model.text_model.encoder.layers[0].self_attn.q_proj.weight,
    }
    out = {f"grad.{name}": weight.grad.clone() for name, weight in wanted.items()}
    patch = model.vision_model.embeddings.patch_embedding.weight.grad[:4]  # the first four of D are enough
    out["grad.patches"] = patch.flatten(1).clone()
    return out


def save_golden(tensors, path):
    """With seed and versions in the header; the file is written only here."""
    said = {"made_with": json.dumps({"seed": SEED, **{name: version(name) for name in PACKAGES}})}
    tensors = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    save_file(tensors, path, metadata=said)


def write_tiny(name, folder):
    image, patch, width, layers, heads, dtype, activation, eos = TINY[name]
    visual = dict(image_size=image, patch_size=patch, hidden_size=width, intermediate_size=4 * width)
    visual |= dict(num_hidden_layers=layers, num_attention_heads=heads)
    text = dict(vocab_size=40, max_position_embeddings=8, hidden_size=24, intermediate_size=96)
    text |= dict(num_hidden_layers=2, num_attention_heads=2)
    model = build(visual, text, 20, activation, eos)
    save_hugging_face(model, folder / name, dtype)
    ids = torch.tensor(IDS).where(torch.tensor(IDS) != 39, 39 if eos == 2 else eos)
    pixels = formula_pixels(2, image)
    with torch.no_grad():
        golden = {"shape": torch.tensor([2, image]), "input_ids": ids, **towers(model, pixels, ids)}
        for side in RESIZED_PX if name == "p16" else []:
            seen = model.vision_model(formula_pixels(1, side), interpolate_pos_encoding=True, output_hidden_states=True)
            golden[f"resized.{side}"] = seen.hidden_states[-2][:, 1:]
            golden[f"bilinear.{side}"] = bilinear_positions(model, side // patch)
    if name == "p16":
        save_open_clip(model, folder / "p16-open-clip", golden)
        golden |= gradients(model, pixels, ids)
    save_golden(golden, folder / f"{name}.golden.safetensors")


def write_full(preset, folder):
    patch, width, layers, embed = FULL[preset]
    visual = dict(image_size=224, patch_size=patch, hidden_size=width, intermediate_size=4 * width)
    visual |= dict(num_hidden_layers=layers, num_attention_heads=width // 64)
    text = dict(vocab_size=49408, max_position_embeddings=77, hidden_size=embed, intermediate_size=4 * embed)
    text |= dict(num_hidden_layers=12, num_attention_heads=embed // 64)
    model = build(visual, text, embed, "quick_gelu", 2)
    save_hugging_face(model, folder, torch.float32)
    ids = torch.tensor([[49406, 320, 1125, 539, 320, 2368, 49407, 0], [49406, 1883, 997, 49407, 0, 0, 0, 0]])
    with torch.no_grad():
        golden = {"shape": torch.tensor([2, 224]), "input_ids": ids, **towers(model, formula_pixels(2, 224), ids)}
    save_golden(golden, folder / "golden.safetensors")


def clip_tokenizer():
    """Hugging Face's CLIPTokenizer over OpenAI's vocabulary, which the OpenCLIP package carries."""
    path = Path(open_clip.__file__).with_name("bpe_simple_vocab_16e6.txt.gz")
    lines = gzip.open(path, "rt", encoding="utf-8").read().split("\n")
    merges = [tuple(line.split()) for line in lines[1 : 49152 - 256 - 2 + 1]]
    letters = list(open_clip.tokenizer.bytes_to_unicode().values())
    words = letters + [letter + "</w>" for letter in letters] + ["".join(pair) for pair in merges]
    words += ["<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={word: index for index, word in enumerate(words)}, merges=merges)


def write_tokens(folder):
    tokenizer = clip_tokenizer()
    rows = [
        {"text": text, "ids": tokenizer(text, truncation=True, max_length=77)["input_ids"]} for text in TEXTS
    ]
    said = {"made_with": {name: version(name) for name in ["transformers", "tokenizers", "open_clip_torch"]}}
    lines = ",\n".join(json.dumps(row) for row in rows)
    head = json.dumps(said)[:-1]
    (folder / "tokens.golden.json").write_text(head + ', "texts": [\n' + lines + "\n]}\n")


def write_pixels(folder):
    """As bytes: what the processors give, taken back to 0..255. Since version 13 Pillow shrinks tall pictures along y
    first, which CLIP never saw in training: those come from torchvision alone."""
    golden = {}
    for width, height, side in PICTURES:
        picture = Image.fromarray(formula_picture(width, height))
        size = dict(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
        processors = {"torchvision": CLIPImageProcessor(**size), "pillow": CLIPImageProcessorPil(**size)}
        for name, processor in processors.items():
            if name == "pillow" and height > width:
                continue
            seen = processor(picture, return_tensors="pt")["pixel_values"][0]
            std, mean = (torch.tensor(values)[:, None, None] for values in (processor.image_std, processor.image_mean))
            bytes_ = (seen * std + mean) * 255
            assert (bytes_ - bytes_.round()).abs().max() < 1e-3
            golden[f"{width}x{height}.{side}.{name}"] = bytes_.round().to(torch.uint8)
    save_golden(golden, folder / "pixels.golden.safetensors")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--full", choices=FULL, help="write one model of full size instead")
    arguments.add_argument("folder", type=Path)
    asked = arguments.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    if asked.full:
        return write_full(asked.full, asked.folder)
    for name in TINY:
        write_tiny(name, asked.folder)
    write_tokens(asked.folder)
    write_pixels(asked.folder)


if __name__ == "__main__":
    main()
