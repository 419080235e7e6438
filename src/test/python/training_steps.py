"""Writes what PyTorch's own optimizers make of the seed's network in five steps: OptimizerParityTest's fixture.

    python src/test/python/training_steps.py --seed ARTICLE.txt --out FIXTURE.safetensors

Falling rate, two groups, accumulation of two, ignored pixels, class weights; the network is the small one of seed_parity.py.
"""

import argparse
import platform
import warnings
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

import hashed_weights
import seed_parity

STEPS = 5
ACCUMULATE = 2
BATCH = 4
HEIGHT, WIDTH = 33, 41
CLASSES = seed_parity.CLASSES
HEAD_RATE_FACTOR = 10
SAMPLES_PER_TENSOR = 5
RULES = {
    "sgd": (0.01, lambda groups: torch.optim.SGD(groups, momentum=0.9, weight_decay=5e-4)),
    "nesterov": (0.01, lambda groups: torch.optim.SGD(groups, momentum=0.9, weight_decay=5e-4, nesterov=True)),
    "adamw": (0.001, lambda groups: torch.optim.AdamW(groups, weight_decay=0.01)),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=Path, required=True, help="the article with the code")
    parser.add_argument("--out", type=Path, required=True, help="the safetensors file to write")
    arguments = parser.parse_args()

    torch.use_deterministic_algorithms(True)
    warnings.filterwarnings("ignore", message=".*upsample.*deprecated")
    code = compile(seed_parity.extract(arguments.seed.read_text(encoding="utf-8")), "seed", "exec")
    images = torch.from_numpy(hashed_weights.image((STEPS * ACCUMULATE * BATCH, 3, HEIGHT, WIDTH)))
    labels = torch.from_numpy(labels_of(len(images)))
    tensors = {}
    for rule, (rate, optimizer) in RULES.items():
        model = seed_parity.small(code, 16).train()
        hashed_weights.fill(model)
        losses = train(model, rate, optimizer, images, labels)
        tensors[f"{rule}.losses"] = np.array(losses, np.float32)
        for name, values in model.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                flat = values.numpy().reshape(-1)
                places = np.arange(SAMPLES_PER_TENSOR) * (len(flat) - 1) // (SAMPLES_PER_TENSOR - 1)
                tensors[f"{rule}.{name}"] = flat[places]
        print(rule, losses)
    metadata = {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__}
    arguments.out.write_bytes(seed_parity.safetensors(tensors, metadata))


def labels_of(count):
    """Uniform in 0..25; 21 and above are to be ignored."""
    hashes = hashed_weights._mix(np.arange(count * HEIGHT * WIDTH, dtype=np.uint32))
    labels = (hashes % np.uint32(CLASSES + 5)).astype(np.int64).reshape(count, HEIGHT, WIDTH)
    return np.where(labels < CLASSES, labels, 255)


def train(model, rate, optimizer, images, labels):
    backbone = [p for n, p in model.named_parameters() if n.startswith("resnet_features.")]
    head = [p for n, p in model.named_parameters() if not n.startswith("resnet_features.")]
    optimizer = optimizer([{"params": backbone, "lr": rate}, {"params": head, "lr": HEAD_RATE_FACTOR * rate}])
    schedule = torch.optim.lr_scheduler.PolynomialLR(optimizer, STEPS, power=0.9)
    weights = 1 + torch.arange(CLASSES) % 3 * 0.5
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        begin = step * ACCUMULATE * BATCH
        truth = labels[begin : begin + ACCUMULATE * BATCH]
        # The weighted mean over all pixels of the step that are not ignored.
        share = weights[truth[truth != 255]].sum()
        loss = 0
        for micro in range(ACCUMULATE):
            part = slice(begin + micro * BATCH, begin + (micro + 1) * BATCH)
            one = F.cross_entropy(model(images[part]), labels[part], weights, ignore_index=255, reduction="sum") / share
            one.backward()
            loss += one.item()
        losses.append(loss)
        optimizer.step()
        schedule.step()
    return losses


if __name__ == "__main__":
    main()
