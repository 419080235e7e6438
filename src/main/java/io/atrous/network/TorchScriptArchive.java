package io.atrous.network;

import io.atrous.network.TorchScriptProgram.Constant;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive as libtorch 2.3 loads it: a zip of stored entries whose tensors
 * begin at multiples of 64 bytes. Weights are asked for and written one convolution at a time; the
 * heap holds no more than one.
 *
 * <p><b>Threading:</b> confined to one call of {@link #write}.
 */
final class TorchScriptArchive {

  private static final int ALIGNMENT_BYTES = 64;
  private static final int LOCAL_HEADER_BYTES = 30;
  private static final int FIELD_HEADER_BYTES = 4;

  /**
   * One time for all, so that archives of equal networks are equal; not 1 January 1980, for which
   * ZipEntry adds an extra field of its own.
   */
  private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 2, 1, 0, 0);

  private final CountingStream counted;
  private final ZipOutputStream zip;
  private int storages;

  private TorchScriptArchive(OutputStream out) {
    this.counted = new CountingStream(out);
    this.zip = new ZipOutputStream(counted, StandardCharsets.US_ASCII);
    zip.setMethod(ZipOutputStream.STORED);
  }

  /**
   * Writes an archive.
   *
   * @param weights the weight and bias of a convolution, batch norm folded in; asked once for each,
   *     in order
   * @param out is flushed, not closed
   */
  static void write(
      TorchScriptProgram program, Function<ConvUnit, FoldedConvolution> weights, OutputStream out)
      throws IOException {
    TorchScriptArchive archive = new TorchScriptArchive(out);
    archive.entry("data.pkl", pickle(program));
    archive.entry("code/__torch__.py", ascii(program.code()));
    // An empty tuple.
    archive.entry("constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
    // As PyTorch 2.3 writes it: an older number makes the loader look for upgrades.
    archive.entry("version", ascii("10\n"));
    archive.entry("byteorder", ascii("little"));
    for (Constant constant : program.constants()) {
      archive.storage(floats(constant.values()));
    }
    for (ConvUnit unit : program.convolutions()) {
      FoldedConvolution folded = weights.apply(unit);
      archive.storage(folded.weight());
      archive.storage(folded.bias());
    }
    archive.zip.finish();
    archive.zip.flush();
  }

  private static byte[] pickle(TorchScriptProgram program) {
    TensorPickle pickle = new TensorPickle("__torch__", TorchScriptProgram.CLASS_NAME);
    pickle.attribute("training", false);
    pickle.absentAttribute("_is_full_backward_hook");
    for (Constant constant : program.constants()) {
      pickle.tensorAttribute(constant.attribute(), List.of(1, constant.values().size(), 1, 1));
    }
    for (int i = 0; i < program.convolutions().size(); i++) {
      ConvUnit unit = program.convolutions().get(i);
      pickle.tensorAttribute(
          TorchScriptProgram.weightAttribute(i),
          List.of(unit.outChannels(), unit.inChannels(), unit.kernel(), unit.kernel()));
      pickle.tensorAttribute(TorchScriptProgram.biasAttribute(i), List.of(unit.outChannels()));
    }
    return pickle.finish();
  }

  private void storage(float[] values) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    entry("data/" + storages++, bytes.array());
  }

  private void entry(String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry("archive/" + name);
    entry.setTimeLocal(EPOCH);
    entry.setSize(bytes.length);
    entry.setCompressedSize(bytes.length);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    entry.setCrc(crc.getValue());
    entry.setExtra(padding(entry.getName().length()));
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }

  /** An extra field after which the entry's data is aligned: id "FB", length, filler. */
  private byte[] padding(int nameBytes) {
    long unpadded = counted.written + LOCAL_HEADER_BYTES + nameBytes + FIELD_HEADER_BYTES;
    int filler = Math.floorMod(-unpadded, ALIGNMENT_BYTES);
    byte[] field = new byte[FIELD_HEADER_BYTES + filler];
    Arrays.fill(field, (byte) 'Z');
    ByteBuffer.wrap(field)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 'F')
        .put((byte) 'B')
        .putShort((short) filler);
    return field;
  }

  private static float[] floats(List<Float> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static final class CountingStream extends FilterOutputStream {
    private long written;

    CountingStream(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      written++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      written += length;
    }
  }

  /**
   * The pickle (protocol 2) of one object with attributes, tensors among them, in the words that
   * TorchScript's loader knows. The n-th tensor is float32, contiguous, and lies in storage n.
   */
  private static final class TensorPickle {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int tensors;

    TensorPickle(String module, String className) {
      opcodes(0x80, 2);
      global(module, className);
      // An instance made of no arguments, then its attributes: a dictionary set in one go.
      opcodes(')', 0x81, '}', '(');
    }

    void attribute(String name, boolean value) {
      string(name);
      opcodes(value ? 0x88 : 0x89);
    }

    void absentAttribute(String name) {
      string(name);
      opcodes('N');
    }

    void tensorAttribute(String name, List<Integer> sizes) {
      string(name);
      global("torch._utils", "_rebuild_tensor_v2");
      opcodes('(');
      storage(sizes.stream().reduce(1, Math::multiplyExact));
      integer(0);
      tuple(sizes);
      tuple(contiguousStrides(sizes));
      opcodes(0x89);
      global("collections", "OrderedDict");
      opcodes(')', 'R', 't', 'R');
    }

    byte[] finish() {
      opcodes('u', 'b', '.');
      return bytes.toByteArray();
    }

    private void storage(int elements) {
      opcodes('(');
      string("storage");
      global("torch", "FloatStorage");
      string(Integer.toString(tensors++));
      string("cpu");
      integer(elements);
      opcodes('t', 'Q');
    }

    private static List<Integer> contiguousStrides(List<Integer> sizes) {
      Integer[] strides = new Integer[sizes.size()];
      int stride = 1;
      for (int i = strides.length - 1; i >= 0; i--) {
        strides[i] = stride;
        stride *= sizes.get(i);
      }
      return List.of(strides);
    }

    private void tuple(List<Integer> values) {
      opcodes('(');
      values.forEach(this::integer);
      opcodes('t');
    }

    private void global(String module, String name) {
      opcodes('c');
      bytes.writeBytes(ascii(module + "\n" + name + "\n"));
    }

    private void string(String value) {
      opcodes('X');
      littleEndian(value.length());
      bytes.writeBytes(ascii(value));
    }

    private void integer(int value) {
      opcodes('J');
      littleEndian(value);
    }

    private void littleEndian(int value) {
      bytes.writeBytes(
          ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    private void opcodes(int... codes) {
      for (int code : codes) {
        bytes.write(code);
      }
    }
  }
}
