"""Learned context through a CLIP text tower: what `crates/microau-model/tests/context.rs` is held against.

    python reference/context_golden.py crates/microau-model/tests/assets

The tower is that of `clip/p14` there (random weights, made by clip_golden.py), run by Hugging Face transformers in float64.
Context vectors are rows appended to its token embedding, so transformers reads them like any other token. Everything behind
the text vectors is the twin (twin.py). Written is `twin/context.safetensors`: weights, inputs, outputs and gradients of the
total loss as in the other files of the twin, the gradient of the context among them; and as metadata the prompts, the
settings, the seed and the versions.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import CLIPModel

import twin

SEED = 303
START, END, COUNT, PROMPTS, EMOTIONS = 37, 38, 2, 3, 2
CONFIG = twin.TINY | {"preset": "vit-b-32", "input": "flow", "text_width": 20, "context": COUNT}


class ExtendedEmbedding(torch.nn.Module):
    """Token embedding with the context as its last rows."""

    def __init__(self, words: torch.Tensor, context: torch.Tensor):
        super().__init__()
        self.words, self.context = words.detach(), context

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return F.embedding(ids, torch.cat([self.words, self.context]))


def random_prompts(subjects: int, g: torch.Generator) -> list[list[dict]]:
    """Prompts of 4 to 6 tokens, start and end among them, with a phrase at any place behind the start."""

    def prompt():
        inner = torch.randint(1, START, (int(torch.randint(2, 5, (1,), generator=g)),), generator=g).tolist()
        return {"ids": [START, *inner, END], "phrase_at": int(torch.randint(1, len(inner) + 1, (1,), generator=g))}

    return [[prompt() for _ in range(PROMPTS)] for _ in range(subjects)]


def text_vectors(model: CLIPModel, subjects: list[list[dict]], vocabulary: int) -> torch.Tensor:
    """normalise( mean over prompts of normalise( tower(x) ) ): [subjects, d]"""
    context = list(range(vocabulary, vocabulary + COUNT))

    def embed(prompt):
        ids, at = prompt["ids"], prompt["phrase_at"]
        pooled = model.text_model(input_ids=torch.tensor([ids[:at] + context + ids[at:]])).pooler_output
        return F.normalize(model.text_projection(pooled)[0], dim=-1)

    return torch.stack([F.normalize(torch.stack([embed(p) for p in prompts]).mean(0), dim=-1) for prompts in subjects])


def main(folder: str) -> None:
    assets = Path(folder)
    g = torch.Generator().manual_seed(SEED)
    model = CLIPModel.from_pretrained(assets / "clip/p14").double().eval().requires_grad_(False)
    words = model.text_model.embeddings.token_embedding.weight
    context = twin.rounded(0.5 * torch.randn(COUNT, words.shape[1], generator=g, dtype=torch.float64)).requires_grad_()
    model.text_model.embeddings.token_embedding = ExtendedEmbedding(words, context)

    aus = len(CONFIG["aus"])
    prompts = {name: random_prompts(count, g) for name, count in (("active", aus), ("inactive", aus), ("emotions", EMOTIONS))}
    texts = {f"text_{name}": text_vectors(model, subjects, len(words)) for name, subjects in prompts.items()}

    w, x = twin.random_weights(CONFIG, g), twin.random_inputs(CONFIG, g)
    for tensor in [*w.values(), x["flow"]]:
        tensor.requires_grad_()
    out = twin.model(w, x | texts, CONFIG)
    out["total"].backward()

    tensors = {f"weight/{key}": value for key, value in w.items()} | {"weight/context.vectors": context}
    tensors |= {f"input/{key}": value for key, value in x.items() if not key.startswith("text_")}
    tensors |= {f"output/{key}": value.reshape(value.shape or (1,)) for key, value in (out | texts).items()}
    tensors |= {f"gradient/{key}": value.grad for key, value in w.items()}
    tensors |= {"gradient/context.vectors": context.grad, "gradient/flow": x["flow"].grad}
    metadata = {"config": json.dumps(CONFIG), "prompts": json.dumps(prompts), "seed": str(SEED)}
    metadata |= {"transformers": version("transformers"), "made_by": "reference/context_golden.py"}
    twin.save(assets / "twin/context.safetensors", tensors, metadata)


if __name__ == "__main__":
    main(*sys.argv[1:])
