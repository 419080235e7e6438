"""Writes the checkpoint fixtures of io.atrous.checkpoint, small files as PyTorch itself writes them.

    python src/test/python/checkpoint_fixtures.py src/test/resources/io/atrous/checkpoint

Run once with PyTorch 2.15 and NumPy 2; the files are committed and the tests need no Python. What the readers must
make of them stands beside them in expected.safetensors: each floating-point tensor in float32, row-major.
"""

import copyreg
import pathlib
import pickle
import struct
import sys
from collections import OrderedDict

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

OUT = pathlib.Path(sys.argv[1])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, bias=False)
        self.bn = nn.BatchNorm2d(4)

    def forward(self, x):
        return self.bn(self.conv(x)).relu()


def save(name, what, **options):
    torch.save(what, OUT / name, **options)


def numbers(*shape):
    return torch.randn(*shape)


def every_kind_of_tensor():
    shared = numbers(6, 10)
    return OrderedDict(
        [
            ("plain", numbers(2, 3)),
            ("parameter", nn.Parameter(numbers(4))),
            ("channels_last", numbers(2, 3, 4, 5).to(memory_format=torch.channels_last)),
            ("transposed", numbers(3, 4).t()),
            ("view.whole", shared),
            ("view.rows", shared[2:4]),
            ("view.steps", shared[1::2, 3::3]),
            ("scalar", torch.tensor(0.25)),
            ("empty", numbers(0, 4)),
            ("half", numbers(5).half()),
            ("bfloat", numbers(5).bfloat16()),
            ("double", numbers(2, 2).double()),
            ("steps", torch.tensor(7)),
            ("bytes", torch.arange(3, dtype=torch.uint8)),
            ("words", torch.tensor([1, 2], dtype=torch.uint16)),
            ("flags", torch.tensor([True, False])),
        ]
    )


def training_state():
    """As a training script leaves it: DataParallel's prefix, Adam's state, a schedule and a NumPy score beside it."""
    net = nn.DataParallel(Net())
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [1, 2])
    for _ in range(2):
        net.module(numbers(2, 3, 8, 8)).sum().backward()
        optimizer.step()
        scheduler.step()
    return net.module.state_dict(), {
        "epoch": 3,
        "state_dict": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "best_pred": np.float64(0.784),
        "history": [np.float32(0.5), np.int64(3), 1 << 40, -1.5, None, {"classes": ("road", "Gebäude")}],
    }


class FirstPickler(pickle.Pickler):
    """Pickles as PyTorch 0.1.10 did on Python 2, when torchvision's first weights were saved.

    Its tensors and parameters were made empty and then given a state (torch/tensor.py and
    torch/autograd/variable.py of that version); Python 2 gave an ordered dictionary its items as an argument.
    """

    def __init__(self, file):
        super().__init__(file, protocol=2)
        self.storages = {}

    def persistent_id(self, it):
        if isinstance(it, torch.storage.TypedStorage):
            key = str(94000000000000 + 64 * len(self.storages))
            for known, storage in self.storages.items():
                key = known if storage._cdata == it._cdata else key
            self.storages[key] = it
            return "storage", torch.FloatStorage, key, "cuda:0", it.size(), None
        return None

    def reducer_override(self, it):
        if it is torch.FloatTensor:
            return "FloatTensor"
        if isinstance(it, nn.Parameter):
            return copyreg.__newobj__, (nn.Parameter,), (it.data, None, None, True, False)
        if isinstance(it, torch.Tensor):
            state = it.storage(), it.storage_offset(), tuple(it.size()), it.stride()
            return torch.FloatTensor, (), state
        if isinstance(it, OrderedDict):
            return OrderedDict, ([[name, value] for name, value in it.items()],)
        return NotImplemented


def save_first(name, what):
    """As torch.save of 0.1.10; today's torch.load is the judge of whether it is."""
    with open(OUT / name, "wb") as file:
        for head in 0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True}:
            pickle.dump(head, file, protocol=2)
        pickler = FirstPickler(file)
        pickler.dump(what)
        pickle.dump(sorted(pickler.storages), file, protocol=2)
        for key in sorted(pickler.storages):
            storage = pickler.storages[key]
            file.write(struct.pack("<q", storage.size()))
            file.write(torch.tensor([], dtype=torch.float32).set_(storage).numpy().tobytes())
    loaded = torch.load(OUT / name, map_location="cpu", weights_only=False)
    for key, tensor in what.items():
        assert isinstance(loaded[key], nn.Parameter) == isinstance(tensor, nn.Parameter), key
        assert torch.equal(loaded[key], tensor), key


def main():
    torch.manual_seed(1)
    OUT.mkdir(parents=True, exist_ok=True)
    tensors = every_kind_of_tensor()
    weights, training = training_state()

    save("tensors.pth", tensors)
    save("tensors-protocol4.pth", tensors, pickle_protocol=4)
    old = OrderedDict((name, t) for name, t in tensors.items() if t.dtype != torch.uint16)
    save("tensors-old.pth", old, _use_new_zipfile_serialization=False)
    first = OrderedDict((name, t) for name, t in old.items() if t.dtype == torch.float32 and t.dim() > 0)
    save_first("tensors-first.pth", first)
    save("training.pth", training)
    save("training-old.pth", training, _use_new_zipfile_serialization=False)
    save("training-old-protocol5.pth", training, _use_new_zipfile_serialization=False, pickle_protocol=5)

    net = Net().eval()
    save("module.pth", net)
    save("sparse.pth", {"w": torch.eye(2).to_sparse()})
    save("quantized.pth", {"w": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)})
    torch.jit.save(torch.jit.trace(net, numbers(1, 3, 8, 8)), str(OUT / "program.pt"))

    expected = {f"tensors.{name}": t for name, t in tensors.items()} | {
        f"training.{name}": t for name, t in weights.items()
    }
    save_file(
        {name: t.detach().float().clone(memory_format=torch.contiguous_format)
         for name, t in expected.items() if t.is_floating_point()},
        OUT / "expected.safetensors",
    )


main()
