package io.atrous.mask;

import java.util.BitSet;
import java.util.zip.Deflater;

/**
 * Chain codes: outlines, followed from row to row, compressed with zlib. {@code
 * docs/mask-format.md} is the specification. Made for label maps, of which it makes about a quarter
 * of what PNG does; what it doesn't suit it writes as it is, compressed, so that noise costs at
 * most a thousandth more than its values.
 *
 * <p><b>Threading:</b> stateless.
 */
public final class ChainCodeMaskCodec implements MaskCodec {

  /** In place of the number of chains: the values follow as they are. */
  private static final int PLAIN = 0;

  private static final int END_OF_CHAIN = 0;

  @Override
  public byte[] encode(Mask mask) {
    ByteOutput body =
        Edges.of(mask, mask.values().length / 4)
            .map(edges -> chains(mask, edges))
            .orElseGet(() -> plain(mask));
    return Zlib.deflate(body.array(), body.size(), Deflater.HUFFMAN_ONLY);
  }

  private static ByteOutput plain(Mask mask) {
    byte[] values = mask.values();
    ByteOutput body = new ByteOutput(1 + values.length);
    body.varint(PLAIN);
    body.put(values, 0, values.length);
    return body;
  }

  private static ByteOutput chains(Mask mask, Edges edges) {
    ByteOutput body = new ByteOutput(4096);
    body.varint(edges.chainCount());
    int last = 0;
    for (int chain = 0; chain < edges.chainCount(); chain++) {
      int position = edges.position(edges.begin(chain));
      body.varint(position - last);
      body.put(mask.values()[position]);
      last = position;
    }
    StepOutput steps = new StepOutput(body);
    int lastRow = mask.values().length - mask.width();
    for (int chain = 0; chain < edges.chainCount(); chain++) {
      steps.chain(edges, edges.begin(chain), mask.width(), lastRow);
    }
    steps.end();
    return body;
  }

  @Override
  public Mask decode(byte[] encoded, int width, int height) throws MaskFormatException {
    Mask mask = new Mask(width, height, new byte[Math.multiplyExact(width, height)]);
    byte[] values = mask.values();
    byte[] body = new byte[values.length + 1];
    ByteInput input = new ByteInput(body, Zlib.inflate(encoded, body));
    long chains = input.varint();
    if (chains == PLAIN) {
      input.next(values, 0, values.length);
    } else {
      fill(values, edges(input, chains, mask));
    }
    input.requireEnd();
    return mask;
  }

  /** Where the edges are; their values are in the mask already. */
  private static BitSet edges(ByteInput input, long chains, Mask mask) throws MaskFormatException {
    byte[] values = mask.values();
    BitSet begins = new BitSet(values.length);
    long begin = 0;
    for (long chain = 0; chain < chains; chain++) {
      long distance = input.varint();
      begin += distance;
      if (distance == 0 != (chain == 0) || begin >= values.length) {
        throw new MaskFormatException("the mask has an outline that begins out of order");
      }
      values[(int) begin] = input.next();
      begins.set((int) begin);
    }
    BitSet edges = (BitSet) begins.clone();
    StepInput steps = new StepInput(input);
    for (int each = 0; each >= 0; each = begins.nextSetBit(each + 1)) {
      follow(each, steps, mask, edges);
    }
    steps.requireEnd();
    return edges;
  }

  private static void follow(int begin, StepInput steps, Mask mask, BitSet edges)
      throws MaskFormatException {
    byte[] values = mask.values();
    int width = mask.width();
    int column = begin % width;
    for (int row = begin - column + width; row < values.length; row += width) {
      int nibble = steps.next();
      if (nibble == END_OF_CHAIN) {
        return;
      }
      column += (nibble & 1) == 0 ? -(nibble >> 1) : nibble >> 1;
      if (column < 0 || column >= width || edges.get(row + column)) {
        throw new MaskFormatException("the mask has an outline that meets another or the border");
      }
      edges.set(row + column);
      values[row + column] = values[begin];
    }
  }

  private static void fill(byte[] values, BitSet edges) {
    int end;
    for (int edge = 0; edge < values.length; edge = end) {
      end = edges.nextSetBit(edge + 1);
      end = end < 0 ? values.length : end;
      Runs.fill(values, edge, end, values[edge]);
    }
  }

  /** Writes steps of chains, two to a byte. */
  private static final class StepOutput {

    private final ByteOutput output;
    private int waiting = -1;

    StepOutput(ByteOutput output) {
      this.output = output;
    }

    void chain(Edges edges, int first, int width, int lastRow) {
      int position = edges.position(first);
      for (int edge = edges.continuation(first); edge != 0; edge = edges.continuation(edge)) {
        int step = edges.position(edge) - position - width;
        // 0, −1, 1, −2, … as 1, 2, 3, 4, …
        put(step < 0 ? -2 * step : 2 * step + 1);
        position = edges.position(edge);
      }
      if (position < lastRow) {
        put(END_OF_CHAIN);
      }
    }

    private void put(int nibble) {
      if (waiting < 0) {
        waiting = nibble;
      } else {
        output.put((byte) (waiting << 4 | nibble));
        waiting = -1;
      }
    }

    void end() {
      if (waiting >= 0) {
        put(0);
      }
    }
  }

  /** Reads steps of chains. */
  private static final class StepInput {

    private final ByteInput input;
    private int waiting = -1;

    StepInput(ByteInput input) {
      this.input = input;
    }

    int next() throws MaskFormatException {
      if (waiting >= 0) {
        int nibble = waiting;
        waiting = -1;
        return nibble;
      }
      byte pair = input.next();
      waiting = pair & 0xF;
      return pair >> 4 & 0xF;
    }

    void requireEnd() throws MaskFormatException {
      if (waiting > 0) {
        throw new MaskFormatException("the mask's bytes go on after its last pixel");
      }
    }
  }
}
