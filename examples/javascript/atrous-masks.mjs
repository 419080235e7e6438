/**
 * Decodes the masks of Atrous (docs/mask-format.md). It needs Node's own modules alone.
 *
 *     const labels = decode(event.encoding, event.labels, event.maskWidth, event.maskHeight);
 *     const classId = labels[y * event.maskWidth + x]; // 255: no class
 *
 * Whatever breaks the rules of its format is refused with a RangeError.
 */

import { inflateSync } from "node:zlib";

const MAX_PIXELS = 2 ** 27;
const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Returns width * height bytes, in rows from the top. */
export function decode(encoding, data, width, height) {
  if (!(width >= 1 && height >= 1 && width * height <= MAX_PIXELS)) {
    throw new RangeError(`there is no mask of ${width}x${height}`);
  }
  const bytes = Buffer.from(data);
  switch (encoding) {
    case "CHAIN_CODE":
      return chainCode(bytes, width, height);
    case "RUN_LENGTH":
      return runLength(bytes, width, height);
    case "PNG":
      return png(bytes, width, height);
    default:
      throw new RangeError(`masks encoded as ${encoding} are not known here`);
  }
}

/** Bytes that are read from first to last. */
class Input {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  take(count) {
    if (count > this.#bytes.length - this.#at) {
      throw new RangeError("the mask's bytes end before its last pixel");
    }
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  byte() {
    return this.take(1)[0];
  }

  /** A number in base 128, least significant digit first, of five bytes at most. */
  number() {
    let value = 0;
    for (let factor = 1; factor < 2 ** 35; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor; // shifts would end at 32 bits
      if (byte < 128) {
        return value;
      }
    }
    throw new RangeError("the mask has a number of more than five bytes");
  }

  requireEnd() {
    if (this.#at < this.#bytes.length) {
      throw new RangeError("the mask's bytes go on after its last pixel");
    }
  }
}

/** Decompresses; more bytes than that are refused before they are made. */
function inflate(bytes, most) {
  let result;
  try {
    result = inflateSync(bytes, { maxOutputLength: most, info: true });
  } catch (e) {
    throw new RangeError("the mask's bytes can't be inflated", { cause: e });
  }
  if (result.engine.bytesWritten < bytes.length) {
    throw new RangeError("the mask's bytes go on after their end");
  }
  return result.buffer;
}

function chainCode(bytes, width, height) {
  const size = width * height;
  const body = new Input(inflate(bytes, size + 1));
  const chains = body.number();
  if (chains === 0) {
    const plain = new Uint8Array(body.take(size));
    body.requireEnd();
    return plain;
  }
  const values = new Uint8Array(size);
  const isEdge = new Uint8Array(size);
  const begins = [];
  for (let chain = 0, position = 0; chain < chains; chain++) {
    const distance = body.number();
    position += distance;
    if ((distance === 0) !== (chain === 0) || position >= size) {
      throw new RangeError("the mask has an outline that begins out of order");
    }
    begins.push(position);
    isEdge[position] = 1;
    values[position] = body.byte();
  }
  let halves = []; // of a byte, the next one last
  for (const begin of begins) {
    let column = begin % width;
    for (let row = begin - column + width; row < size; row += width) {
      if (halves.length === 0) {
        const byte = body.byte();
        halves = [byte & 15, byte >> 4];
      }
      const half = halves.pop();
      if (half === 0) {
        break;
      }
      column += half % 2 === 1 ? half >> 1 : -(half >> 1);
      if (column < 0 || column >= width || isEdge[row + column]) {
        throw new RangeError("the mask has an outline that meets another or the border");
      }
      isEdge[row + column] = 1;
      values[row + column] = values[begin];
    }
  }
  body.requireEnd();
  if (halves.some((half) => half !== 0)) {
    throw new RangeError("the mask's bytes go on after its last pixel");
  }
  for (let at = 1; at < size; at++) {
    if (!isEdge[at]) {
      values[at] = values[at - 1];
    }
  }
  return values;
}

function runLength(bytes, width, height) {
  const values = new Uint8Array(width * height);
  const tokens = new Input(bytes);
  let at = 0;
  while (at < values.length) {
    const token = tokens.number();
    const count = Math.floor(token / 4) + 1;
    if (count > values.length - at) {
      throw new RangeError("the mask has too many values");
    }
    switch (token % 4) {
      case 0:
        if (at < width) {
          throw new RangeError("the mask's first row copies a row above it");
        }
        for (let end = at + count, to = at; to < end; to++) {
          values[to] = values[to - width]; // what has been copied can be copied along
        }
        break;
      case 1:
        values.fill(tokens.byte(), at, at + count);
        break;
      case 2:
        values.set(tokens.take(count), at);
        break;
      default:
        throw new RangeError("the mask has a token of unknown kind");
    }
    at += count;
  }
  tokens.requireEnd();
  return values;
}

/** 8-bit grey PNG without interlacing. */
function png(bytes, width, height) {
  const chunks = new Input(bytes);
  if (!chunks.take(8).equals(PNG_SIGNATURE)) {
    throw new RangeError("the mask is not a PNG");
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const compressed = [];
  for (let kind = "", first = true; kind !== "IEND"; first = false) {
    const length = chunks.take(4).readUInt32BE();
    const typeAndContent = chunks.take(4 + length);
    if (crc32(typeAndContent) !== chunks.take(4).readUInt32BE()) {
      throw new RangeError("the mask's PNG is damaged");
    }
    kind = typeAndContent.toString("latin1", 0, 4);
    const content = typeAndContent.subarray(4);
    if (first && !(kind === "IHDR" && content.equals(header))) {
      throw new RangeError(`the mask's PNG is not 8-bit grey of ${width}x${height}`);
    }
    if (kind === "IDAT") {
      compressed.push(content);
    }
  }
  const rows = new Input(inflate(Buffer.concat(compressed), (width + 1) * height));
  const values = new Uint8Array(width * height);
  for (let row = 0; row < values.length; row += width) {
    const filter = rows.byte();
    values.set(rows.take(width), row);
    for (let at = row; at < row + width; at++) {
      const left = at > row ? values[at - 1] : 0;
      const above = row > 0 ? values[at - width] : 0;
      const corner = at > row && row > 0 ? values[at - width - 1] : 0;
      values[at] += predicted(filter, left, above, corner);
    }
  }
  return values;
}

/** The checksum of PNG's chunks; Node's own is newer than many a Node. */
function crc32(bytes) {
  let checksum = ~0;
  for (const byte of bytes) {
    checksum ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      checksum = (checksum >>> 1) ^ (checksum & 1 ? 0xedb88320 : 0);
    }
  }
  return ~checksum >>> 0;
}

function predicted(filter, left, above, corner) {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4: {
      const estimate = left + above - corner;
      const [toLeft, toAbove, toCorner] = [left, above, corner].map((value) => Math.abs(estimate - value));
      if (toLeft <= toAbove && toLeft <= toCorner) {
        return left;
      }
      return toAbove <= toCorner ? above : corner;
    }
    default:
      throw new RangeError(`the mask's PNG has a row with unknown filter ${filter}`);
  }
}
