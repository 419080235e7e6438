"""Decodes the masks of Atrous (docs/mask-format.md). It needs Python's own library alone.

    labels = atrous_masks.decode(event["encoding"], event["labels"], event["maskWidth"], event["maskHeight"])
    class_id = labels[y * event["maskWidth"] + x]   # 255: no class

Whatever breaks the rules of its format is refused with ValueError.
"""

import struct
import zlib

MAX_PIXELS = 1 << 27


def decode(encoding, data, width, height):
    """Returns width * height bytes, in rows from the top."""
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        raise ValueError(f"there is no mask of {width}x{height}")
    decoder = {"CHAIN_CODE": _chain_code, "RUN_LENGTH": _run_length, "PNG": _png}.get(encoding)
    if decoder is None:
        raise ValueError(f"masks encoded as {encoding} are not known here")
    return decoder(bytes(data), width, height)


class _Input:
    """Bytes that are read from first to last."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        taken = self.data[self.at:self.at + count]
        if len(taken) < count:
            raise ValueError("the mask's bytes end before its last pixel")
        self.at += count
        return taken

    def number(self):
        """A number in base 128, least significant digit first, of five bytes at most."""
        value = 0
        for shift in range(0, 35, 7):
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ValueError("the mask has a number of more than five bytes")

    def require_end(self):
        if self.at < len(self.data):
            raise ValueError("the mask's bytes go on after its last pixel")


def _inflate(data, most):
    """Decompresses; more bytes than that are refused before they are made."""
    unzip = zlib.decompressobj()
    try:
        body = unzip.decompress(data, most + 1)
    except zlib.error as e:
        raise ValueError("the mask's bytes can't be inflated") from e
    if len(body) > most or not unzip.eof or unzip.unused_data:
        raise ValueError("the mask's bytes are too few or too many")
    return body


def _chain_code(data, width, height):
    size = width * height
    body = _Input(_inflate(data, size + 1))
    chains = body.number()
    if chains == 0:
        values = body.take(size)
        body.require_end()
        return values
    begins, position = [], 0
    for chain in range(chains):
        distance = body.number()
        position += distance
        if (distance == 0) != (chain == 0) or position >= size:
            raise ValueError("the mask has an outline that begins out of order")
        begins.append((position, body.take(1)[0]))
    edges = dict(begins)
    halves = []  # of a byte, the next one last
    for position, value in begins:
        column = position % width
        for row in range(position - column + width, size, width):
            if not halves:
                byte = body.take(1)[0]
                halves = [byte & 15, byte >> 4]
            half = halves.pop()
            if half == 0:
                break
            column += half // 2 if half % 2 else -(half // 2)
            if not 0 <= column < width or row + column in edges:
                raise ValueError("the mask has an outline that meets another or the border")
            edges[row + column] = value
    body.require_end()
    if any(halves):
        raise ValueError("the mask's bytes go on after its last pixel")
    values, begun = bytearray(), None
    for position in sorted(edges):
        if begun is not None:
            values += bytes([edges[begun]]) * (position - begun)
        begun = position
    return bytes(values + bytes([edges[begun]]) * (size - begun))


def _run_length(data, width, height):
    size = width * height
    tokens, values = _Input(data), bytearray()
    while len(values) < size:
        token = tokens.number()
        kind, count = token & 3, (token >> 2) + 1
        if count > size - len(values):
            raise ValueError("the mask has too many values")
        if kind == 0:
            if len(values) < width:
                raise ValueError("the mask's first row copies a row above it")
            end = len(values) + count
            while len(values) < end:  # what has been copied can be copied along
                above = len(values) - width
                values += values[above:above + min(width, end - len(values))]
        elif kind == 1:
            values += tokens.take(1) * count
        elif kind == 2:
            values += tokens.take(count)
        else:
            raise ValueError("the mask has a token of unknown kind")
    tokens.require_end()
    return bytes(values)


def _png(data, width, height):
    """8-bit grey PNG without interlacing."""
    chunks = _Input(data)
    if chunks.take(8) != b"\x89PNG\r\n\x1a\n":
        raise ValueError("the mask is not a PNG")
    compressed, kind = b"", None
    while kind != b"IEND":
        length, = struct.unpack(">I", chunks.take(4))
        first = kind is None
        kind = chunks.take(4)
        content = chunks.take(length)
        checksum, = struct.unpack(">I", chunks.take(4))
        if zlib.crc32(kind + content) != checksum:
            raise ValueError("the mask's PNG is damaged")
        if first and (kind, content) != (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)):
            raise ValueError(f"the mask's PNG is not 8-bit grey of {width}x{height}")
        compressed += content if kind == b"IDAT" else b""
    rows = _Input(_inflate(compressed, (width + 1) * height))
    values, above = bytearray(), bytearray(width)
    for _ in range(height):
        kind, row = rows.take(1)[0], bytearray(rows.take(width))
        for x in range(width if kind else 0):
            left = row[x - 1] if x else 0
            corner = above[x - 1] if x else 0
            row[x] = row[x] + _predicted(kind, left, above[x], corner) & 255
        values += row
        above = row
    return bytes(values)


def _predicted(kind, left, above, corner):
    if kind == 1:
        return left
    if kind == 2:
        return above
    if kind == 3:
        return (left + above) // 2
    if kind == 4:
        estimate = left + above - corner
        return min((left, above, corner), key=lambda value: abs(estimate - value))
    raise ValueError(f"the mask's PNG has a row with unknown filter {kind}")
