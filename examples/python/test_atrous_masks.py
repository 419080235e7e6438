"""The decoder against masks that Atrous wrote: python3 -m unittest"""

import base64
import hashlib
import json
import pathlib
import unittest

import atrous_masks

MASKS = pathlib.Path(__file__).parent.parent / "masks" / "masks.jsonl"


def masks():
    with open(MASKS, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class AtrousMasksTest(unittest.TestCase):

    def test_sound_masks_have_their_values(self):
        for mask in masks():
            if mask["sha256"]:
                with self.subTest(mask["name"]):
                    data = base64.b64decode(mask["encoded"])
                    values = atrous_masks.decode(mask["encoding"], data, mask["width"], mask["height"])
                    self.assertEqual(mask["width"] * mask["height"], len(values))
                    self.assertEqual(mask["sha256"], hashlib.sha256(values).hexdigest())

    def test_damaged_masks_are_refused(self):
        for mask in masks():
            if not mask["sha256"]:
                with self.subTest(mask["name"]), self.assertRaises(ValueError):
                    data = base64.b64decode(mask["encoded"])
                    atrous_masks.decode(mask["encoding"], data, mask["width"], mask["height"])


if __name__ == "__main__":
    unittest.main()
