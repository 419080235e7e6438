"""Draws six pictures and labels them with the program in docs/geometry.md: GeometryPageTest's fixture.

    bin/atrous model compile builtin:street -o street.pt
    python src/test/python/geometry_fixture.py --model street.pt --out src/test/resources/io/atrous/prediction/geometry

The program is taken from the page as it stands and not kept. It needs numpy, OpenCV and PyTorch.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

PAGE = Path(__file__).parents[3] / "docs" / "geometry.md"
# Width, height, and what is seen of the network's input of 448 x 256:
PICTURES = {
    "shrinks.jpg": (1280, 719),  # less than halved, decoded whole
    "half.jpg": (1921, 1081),  # decoded at a half of an odd size
    "quarter.jpg": (3840, 2160),  # decoded at a quarter
    "upright.png": (301, 903),  # padded at the right
    "panorama.png": (2003, 337),  # halved by areas before it is sampled, padded below
    "grows.png": (97, 61),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="what `model compile` wrote")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the pictures and masks")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.py"
        program.write_text(re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)[1], "utf-8")
        for number, (name, (width, height)) in enumerate(PICTURES.items()):
            picture = arguments.out / name
            quality = [cv2.IMWRITE_JPEG_QUALITY, 60] if name.endswith("jpg") else [cv2.IMWRITE_PNG_COMPRESSION, 9]
            cv2.imwrite(str(picture), street(width, height, number), quality)
            mask = picture.with_suffix(".mask.png")
            subprocess.run([sys.executable, program, arguments.model, picture, mask], check=True)
            print(name, np.bincount(cv2.imread(str(mask), cv2.IMREAD_UNCHANGED).ravel()))


def street(width, height, seed):
    """Houses, trees and vehicles along a road, in flat colours and slanted lines: small files, many edges."""
    random = np.random.default_rng(seed)
    size = np.array([width, height])
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = np.linspace((225, 190, 150), (240, 225, 210), height)[:, None]
    for x in np.arange(-0.05, 1, 0.12):
        top, colour = random.uniform(0.05, 0.35), random.integers(60, 200, 3)
        polygon(picture, size * [(x, top), (x + 0.12, top + 0.04), (x + 0.12, 0.6), (x, 0.6)], colour)
        for floor in np.arange(top + 0.06, 0.55, 0.06):
            polygon(picture, size * box(x + 0.02, floor, 0.03, 0.03), colour * 0.5)
            polygon(picture, size * box(x + 0.07, floor, 0.03, 0.03), colour * 0.5)
    polygon(picture, size * [(0, 0.58), (1, 0.58), (1, 1), (0, 1)], (150, 155, 160))
    polygon(picture, size * [(0.45, 0.55), (0.55, 0.55), (0.95, 1), (0.05, 1)], (75, 72, 70))
    for x, y, scale in random.uniform((0.1, 0.55, 0.03), (0.9, 0.8, 0.12), (8, 3)):
        polygon(picture, size * box(x, y, scale, scale * 0.8), random.integers(0, 255, 3))
        polygon(picture, size * box(x + scale * 0.1, y + scale * 0.1, scale * 0.8, scale * 0.25), (60, 50, 45))
    for x, radius in random.uniform((0, 0.03), (1, 0.08), (5, 2)):
        polygon(picture, size * box(x - 0.006, 0.4, 0.012, 0.25), (40, 60, 80))
        angles = np.linspace(0, 2 * np.pi, 24)
        polygon(picture, size * (np.stack([np.cos(angles), np.sin(angles)], 1) * radius + [x, 0.38]), (50, 110, 60))
    return picture


def box(x, y, width, height):
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])


def polygon(picture, points, colour):
    fine = np.round(np.array(points) * 16).astype(np.int32)
    cv2.fillPoly(picture, [fine], tuple(map(float, colour)), cv2.LINE_AA, 4)


if __name__ == "__main__":
    main()
