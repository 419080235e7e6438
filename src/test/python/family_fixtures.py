"""Writes what other projects' own code computes: the fixtures of FamilyParityTest.

    python src/test/python/family_fixtures.py --vainf CHECKOUT --jfzhang95 CHECKOUT --out FOLDER

The checkouts are of VainF/DeepLabV3Plus-Pytorch and jfzhang95/pytorch-deeplab-xception; torchvision and
segmentation_models.pytorch are installed. The code runs as it stands, in evaluation, fp32, on a CPU, with the weights
and images of hashed_weights.py; no weights and no code are kept. Most networks are built with every width divided by
eight, so that images can be large enough for the largest rate to reach from edge to edge.
"""

import argparse
import contextlib
import importlib.metadata
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

import hashed_weights

CLASSES = 5
GRID = 8
DIVISOR = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vainf", type=Path, required=True)
    parser.add_argument("--jfzhang95", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    sys.path[:0] = [str(arguments.vainf), str(arguments.jfzhang95)]
    torch.use_deterministic_algorithms(True)
    arguments.out.mkdir(parents=True, exist_ok=True)

    coarse, fine = (577, 609), (321, 337)
    for name, build, sizes in [
        ("smp-resnet18", smp_full, {16: (64, 96), 8: (64, 96)}),
        ("smp-resnet50", narrow(smp("DeepLabV3Plus", "resnet50")), {16: (592, 608), 8: fine8(fine)}),
        ("smp-dense-resnet34", narrow(smp("DeepLabV3Plus", "resnet34", decoder_aspp_separable=False)), {16: (64, 96)}),
        ("smp-deeplabv3-resnet34", narrow(smp("DeepLabV3", "resnet34")), {16: (592, 608), 8: fine8(fine)}),
        ("smp-one-logit-resnet18", narrow(smp("DeepLabV3Plus", "resnet18", classes=1)), {16: (64, 96)}),
        ("torchvision-deeplabv3-resnet50", narrow(torchvision_deeplabv3("resnet50")), {8: fine}),
        ("torchvision-deeplabv3-resnet101", narrow(torchvision_deeplabv3("resnet101")), {8: (65, 97)}),
        ("torchvision-resnet18", narrow(torchvision_resnet("resnet18")), {}),
        ("torchvision-resnet101", narrow(torchvision_resnet("resnet101")), {}),
        ("vainf-resnet50", narrow(vainf("deeplabv3plus_resnet50")), {16: coarse, 8: fine}),
        ("vainf-separable-resnet50", vainf_separable, {16: (65, 97)}),
        ("vainf-deeplabv3-resnet50", narrow(vainf("deeplabv3_resnet50")), {16: coarse, 8: fine}),
        ("jfzhang95-resnet101", narrow(jfzhang95), {16: coarse, 8: fine}),
        ("mmsegmentation-r50-v1c", mmsegmentation, {}),
    ]:
        write(arguments.out / f"{name}.txt", build, sizes)


def fine8(size):
    return tuple(side // 8 * 8 for side in size)


def smp_full(stride):
    return smp("DeepLabV3Plus", "resnet18", aux_params={"classes": 3})(stride)


def smp(network, encoder, classes=CLASSES, **options):
    def build(stride):
        import segmentation_models_pytorch

        return getattr(segmentation_models_pytorch, network)(
            encoder, encoder_weights=None, encoder_output_stride=stride, classes=classes, **options
        )

    return build


def torchvision_deeplabv3(backbone):
    def build(stride):
        from torchvision.models import segmentation

        return getattr(segmentation, f"deeplabv3_{backbone}")(
            weights=None, weights_backbone=None, num_classes=CLASSES, aux_loss=True
        )

    return build


def torchvision_resnet(name):
    def build(stride):
        import torchvision

        return getattr(torchvision.models, name)(weights=None)

    return build


def vainf(name):
    def build(stride):
        from network import modeling

        return getattr(modeling, name)(num_classes=CLASSES, output_stride=stride, pretrained_backbone=False)

    return build


def vainf_separable(stride):
    import network

    model = narrow(vainf("deeplabv3plus_resnet50"))(stride)
    network.convert_to_separable_conv(model.classifier)
    return model


def jfzhang95(stride):
    from modeling import deeplab
    from modeling.backbone import resnet

    resnet.ResNet._load_pretrained_model = lambda self: None
    return deeplab.DeepLab(output_stride=stride, num_classes=CLASSES, sync_bn=False)


def mmsegmentation(stride):
    """Only names and shapes: mmcv's code is compiled for certain releases of PyTorch."""
    model = narrow(torchvision_resnet("resnet50"))(stride)
    del model.conv1, model.bn1, model.fc
    layers = []
    for inputs, outputs in [(3, 4), (4, 4), (4, 8)]:
        layers += [nn.Conv2d(inputs, outputs, 3, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
    model.stem = nn.Sequential(*layers)
    head = nn.Module()
    head.conv_seg = nn.Conv2d(64, CLASSES, 1)
    whole = nn.Module()
    whole.backbone, whole.decode_head, whole.auxiliary_head = model, head, head
    return whole


def narrow(build):
    """Builds a network with every width divided, but the image's and the logits'."""

    def divided(channels):
        return channels if channels in (1, 3, CLASSES) else channels // DIVISOR

    class NarrowBatchNorm2d(nn.BatchNorm2d):
        def __init__(self, channels):
            super().__init__(divided(channels))

    class NarrowConv2d(nn.Conv2d):
        def __init__(self, inputs, outputs, *args, groups=1, **kwargs):
            super().__init__(divided(inputs), divided(outputs), *args, groups=divided(groups), **kwargs)

    @contextlib.contextmanager
    def patched():
        wide = nn.Conv2d, nn.BatchNorm2d
        nn.Conv2d, nn.BatchNorm2d = NarrowConv2d, NarrowBatchNorm2d
        try:
            yield
        finally:
            nn.Conv2d, nn.BatchNorm2d = wide

    def build_narrow(stride):
        with patched():
            return build(stride)

    return build_narrow


def write(path, build, sizes):
    packages = ["torch", "torchvision", "segmentation-models-pytorch", "numpy"]
    versions = ", ".join(f"{package} {importlib.metadata.version(package)}" for package in packages)
    model = build(16).eval()
    weights = hashed_weights.fill(model)
    lines = [f"# Made by src/test/python/family_fixtures.py with {versions}.", f"weights {weights:08x}"]
    for name, tensor in model.state_dict().items():
        lines.append(" ".join(["tensor", name, *map(str, tensor.shape)]))
    for stride, (height, width) in sizes.items():
        model = build(stride).eval()
        assert hashed_weights.fill(model) == weights
        image = torch.from_numpy(hashed_weights.image((1, 3, height, width)))
        with torch.no_grad():
            logits = model(image)
        logits = logits["out"] if isinstance(logits, dict) else logits
        logits = (logits[0] if isinstance(logits, tuple) else logits)[0].numpy()
        print(f"{path.stem} os{stride}: {logits.min():.3f} to {logits.max():.3f}, deviation {logits.std():.3f}")
        lines.append(f"logits {stride} {height} {width} {logits.shape[0]}")
        lines += [" ".join(f"{value:.9g}" for value in row) for row in grid(logits)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def grid(logits):
    """Of [classes, H, W]: rows of a grid that meets all four edges."""
    rows, columns = (np.arange(GRID) * (size - 1) // (GRID - 1) for size in logits.shape[1:])
    return logits[:, rows][:, :, columns].reshape(-1, GRID)


if __name__ == "__main__":
    main()
