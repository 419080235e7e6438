"""Times PyTorch's eager training step of the street network, to compare with `atrous bench training`.

    OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=1000 python src/test/python/training_speed.py --threads 2

The layers are those of DeepLabv3+ in docs/architecture.md: one bottleneck per stage, base width 16, 48 ASPP channels, a decoder of 24 + 48.
"""

import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, ASPP, LOW, DECODER, CLASSES = 16, 48, 24, 48, 7


def unit(inputs, outputs, kernel=1, stride=1, dilation=1, relu=True):
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, dilation * (kernel // 2), dilation, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, *([nn.ReLU(inplace=True)] if relu else []))


class Bottleneck(nn.Module):
    def __init__(self, inputs, planes, stride, dilation):
        super().__init__()
        self.body = nn.Sequential(
            unit(inputs, planes), unit(planes, planes, 3, stride, dilation), unit(planes, 4 * planes, relu=False)
        )
        self.shortcut = unit(inputs, 4 * planes, 1, stride, relu=False)

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x))


class DeepLab(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(unit(3, WIDTH, 7, 2), nn.MaxPool2d(3, 2, 1))
        self.layer1 = Bottleneck(WIDTH, WIDTH, 1, 1)
        self.layer2 = Bottleneck(4 * WIDTH, 2 * WIDTH, 2, 1)
        self.layer3 = Bottleneck(8 * WIDTH, 4 * WIDTH, 2, 1)
        self.layer4 = Bottleneck(16 * WIDTH, 8 * WIDTH, 1, 2)
        self.branches = nn.ModuleList(
            [unit(32 * WIDTH, ASPP)] + [unit(32 * WIDTH, ASPP, 3, 1, rate) for rate in (6, 12, 18)]
        )
        self.pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), unit(32 * WIDTH, ASPP))
        self.project = unit(5 * ASPP, ASPP)
        self.low = unit(4 * WIDTH, LOW)
        self.decoder = nn.Sequential(
            unit(ASPP + LOW, DECODER, 3), unit(DECODER, DECODER, 3), nn.Conv2d(DECODER, CLASSES, 1)
        )

    def forward(self, image):
        low = self.layer1(self.stem(image))
        x = self.layer4(self.layer3(self.layer2(low)))
        pooled = up(self.pooled(x), x)
        x = self.project(torch.cat([branch(x) for branch in self.branches] + [pooled], 1))
        return up(self.decoder(torch.cat([up(x, low), self.low(low)], 1)), image)


def up(x, like):
    return F.interpolate(x, like.shape[2:], mode="bilinear", align_corners=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--height", type=int, default=128)
    parser.add_argument("--width", type=int, default=224)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--cpu-time", action="store_true", help="of the thread that steps, which other work disturbs less")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    model = DeepLab().train()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-4, weight_decay=1e-4)
    shape = (arguments.batch_size, arguments.height, arguments.width)
    images = torch.randn(shape[0], 3, *shape[1:])
    labels = torch.randint(CLASSES, shape)
    seconds = time.thread_time if arguments.cpu_time else time.perf_counter
    millis = []
    for step in range(arguments.steps + 3):
        began = seconds()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels, ignore_index=255)
        loss.backward()
        optimizer.step()
        loss.item()
        if step >= 3:
            millis.append(1000 * (seconds() - began))
    parameters = sum(p.numel() for p in model.parameters())
    median = statistics.median(millis)
    print(
        f"PyTorch {torch.__version__}, {arguments.threads} threads, {parameters} parameters: median {median:.1f} ms,"
        f" min {min(millis):.1f} ms, {1000 * arguments.batch_size / median:.1f} images/s"
    )


if __name__ == "__main__":
    main()
