"""Writes what the seed's own PyTorch code computes: SeedParityTest's fixture.

    python src/test/python/seed_parity.py --seed ARTICLE.txt --out FIXTURE.safetensors

The article prints the code with line numbers; it is extracted, run as it stands and not kept.
"""

import argparse
import json
import platform
import re
import sys
import types
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

import hashed_weights

CLASSES = 21
GRID = 12
LARGE_SIZES = [(513, 513), (321, 481), (500, 333)]
# The first is large enough for the greatest rate to reach from edge to edge.
SMALL_SIZES = [(321, 297), (41, 61), (50, 33)]
# The seed writes its last stage's three blocks down.
SMALL_BLOCKS = [1, 2, 3]
SMALL_DIVISOR = 16


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=Path, required=True, help="the article with the code")
    parser.add_argument("--out", type=Path, required=True, help="the safetensors file to write")
    arguments = parser.parse_args()

    torch.use_deterministic_algorithms(True)
    warnings.filterwarnings("ignore", message=".*upsample.*deprecated")
    code = compile(extract(arguments.seed.read_text(encoding="utf-8")), "seed", "exec")

    tensors = {}
    metadata = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }
    for name, network, sizes in [
        ("resnet101", lambda stride: full(code, stride), LARGE_SIZES),
        ("small", lambda stride: small(code, stride), SMALL_SIZES),
    ]:
        for stride in [16, 8]:
            model = network(stride).eval()
            metadata[f"{name}.os{stride}.weights"] = f"{hashed_weights.fill(model):08x}"
            for height, width in sizes:
                case = f"{name}.os{stride}.{height}x{width}"
                logits = run(model, hashed_weights.image((1, 3, height, width)))
                tensors.update({f"{case}.{key}": value for key, value in summarize(logits).items()})
                print(describe(case, logits), file=sys.stderr)
    arguments.out.write_bytes(safetensors(tensors, metadata))


def extract(article):
    """The lines that carry the next line number, without it."""
    lines = []
    for line in article.splitlines():
        match = re.match(r" *(\d+)(?: (.*))?$", line)
        if match and int(match[1]) == len(lines) + 1:
            lines.append(match[2] or "")
    return "\n".join(lines) + "\n"


def run_code(code, **replacements):
    """The seed's module; batch norm is torch's, which the synchronised one equals in evaluation."""
    norms = types.ModuleType("modeling.sync_batchnorm.batchnorm")
    norms.SynchronizedBatchNorm2d = replacements.pop("batch_norm", nn.BatchNorm2d)
    for package in ["modeling", "modeling.sync_batchnorm"]:
        sys.modules[package] = types.ModuleType(package)
    sys.modules[norms.__name__] = norms
    seed = types.ModuleType("seed")
    exec(code, seed.__dict__)
    seed.__dict__.update(replacements)
    return seed


def full(code, stride):
    return run_code(code).DeepLabv3_plus(n_classes=CLASSES, os=stride, _print=False)


def small(code, stride):
    """The seed's network with fewer blocks and every width divided; its code stays as it is."""

    def narrow(channels):
        return channels if channels in (3, CLASSES) else channels // SMALL_DIVISOR

    class NarrowBatchNorm2d(nn.BatchNorm2d):
        def __init__(self, channels):
            super().__init__(narrow(channels))

    class NarrowConv2d(nn.Conv2d):
        def __init__(self, inputs, outputs, *args, **kwargs):
            super().__init__(narrow(inputs), narrow(outputs), *args, **kwargs)

    narrow_nn = types.ModuleType("nn")
    narrow_nn.__dict__.update(nn.__dict__)
    narrow_nn.Conv2d = NarrowConv2d
    seed = run_code(code, batch_norm=NarrowBatchNorm2d, nn=narrow_nn)
    seed.ResNet101 = lambda channels, os, pretrained: seed.ResNet(
        channels, seed.Bottleneck, SMALL_BLOCKS, os, pretrained
    )
    return seed.DeepLabv3_plus(n_classes=CLASSES, os=stride, _print=False)


def run(model, image):
    with torch.no_grad():
        return model(torch.from_numpy(image))[0].numpy()


def summarize(logits):
    """Of [classes, H, W]: a grid that meets all four edges, and each class's mean and L2 norm."""
    rows, columns = (np.arange(GRID) * (size - 1) // (GRID - 1) for size in logits.shape[1:])
    exact = logits.astype(np.float64)
    return {
        "logits": np.ascontiguousarray(logits[:, rows][:, :, columns]),
        "mean": exact.mean((1, 2)).astype(np.float32),
        "norm": np.sqrt((exact**2).sum((1, 2))).astype(np.float32),
    }


def safetensors(tensors, metadata):
    """The bytes of a file; unlike safetensors' own writer, the same for the same contents."""
    header = {"__metadata__": metadata}
    data = b""
    for name in sorted(tensors):
        begin = len(data)
        data += np.ascontiguousarray(tensors[name], "<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": tensors[name].shape,
            "data_offsets": [begin, len(data)],
        }
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def describe(case, logits):
    spread = logits.std((1, 2)).mean()
    return f"{case}: {logits.min():.3f} to {logits.max():.3f}, deviation per class {spread:.3f}"


if __name__ == "__main__":
    main()
