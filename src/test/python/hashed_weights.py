"""Weights that anyone can compute: the Python half of io.atrous.network.HashedWeights.

The rule is in that class's documentation; both halves follow it to the last bit.
"""

import math
import re
import zlib

import numpy as np

_BLOCK_NORM = re.compile(r"(.*layer\d+\.\d+\.bn)(\d)\.weight")


def image(shape):
    """An image [N, C, H, W]: float32 white noise in [-2, 2)."""
    return _uniform("input", shape) * np.float32(2)


def tensor(name, shape, names):
    """One tensor, float32, of a state dict that has tensors of these names."""
    values = _uniform(name, shape)
    if len(shape) > 1:
        fan_in = math.prod(shape[1:])
        return values * np.float32(2.0 ** -((fan_in.bit_length() - 2) >> 1))
    if name.endswith("running_var"):
        return values * np.float32(0.5) + np.float32(1)
    if name.endswith("weight"):
        values = values * np.float32(0.25) + np.float32(1)
        return values * np.float32(0.3) if _ends_block(name, names) else values
    return values * np.float32(0.25)


def tensors(shapes):
    """All tensors of a state dict {name: shape}, in the order of names."""
    return {name: tensor(name, shapes[name], shapes) for name in sorted(shapes)}


def shapes_of(module):
    """{name: shape} of a torch module's state dict, without its counters of batches."""
    return {
        name: tuple(value.shape)
        for name, value in module.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


def fill(module):
    """Gives a torch module these weights; returns their checksum."""
    import torch

    weights = tensors(shapes_of(module))
    state = module.state_dict()
    state.update({name: torch.from_numpy(values) for name, values in weights.items()})
    module.load_state_dict(state)
    return checksum(weights)


def checksum(weights):
    """CRC-32 of all tensors' little-endian bytes in the order of names."""
    crc = 0
    for name in sorted(weights):
        crc = zlib.crc32(np.ascontiguousarray(weights[name], "<f4"), crc)
    return crc


def _ends_block(name, names):
    match = _BLOCK_NORM.fullmatch(name)
    return bool(match) and f"{match[1]}{int(match[2]) + 1}.weight" not in names


def _uniform(name, shape):
    seed = np.uint32(zlib.crc32(name.encode()))
    hashes = _mix(seed ^ _mix(np.arange(math.prod(shape), dtype=np.uint32)))
    signed = hashes.view(np.int32) >> 8
    return (signed.astype(np.float32) * np.float32(2.0**-23)).reshape(shape)


def _mix(x):
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return x ^ (x >> np.uint32(16))
