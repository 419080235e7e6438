/** The decoder against masks that Atrous wrote: node --test */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode } from "./atrous-masks.mjs";

const MASKS = new URL("../masks/masks.jsonl", import.meta.url);

for (const line of readFileSync(MASKS, "utf8").trimEnd().split("\n")) {
  const mask = JSON.parse(line);
  const data = Buffer.from(mask.encoded, "base64");
  if (mask.sha256) {
    test(`${mask.name} has its values`, () => {
      const values = decode(mask.encoding, data, mask.width, mask.height);
      assert.equal(values.length, mask.width * mask.height);
      assert.equal(createHash("sha256").update(values).digest("hex"), mask.sha256);
    });
  } else {
    test(`${mask.name} is refused`, () => {
      assert.throws(() => decode(mask.encoding, data, mask.width, mask.height), RangeError);
    });
  }
}
