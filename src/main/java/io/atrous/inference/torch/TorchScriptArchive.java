package io.atrous.inference.torch;

import io.atrous.inference.torch.TorchScriptProgram.Constant;
import io.atrous.model.StorageType;
import io.atrous.network.ConvUnit;
import io.atrous.network.FoldedConvolution;
import io.atrous.network.Precision;
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
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive as libtorch 2.3 loads it: a zip of stored entries whose tensors
 * begin at multiples of 64 bytes. Weights are asked for and written one convolution at a time; the
 * heap holds no more than one. They are written as they will be read: in the precision that the
 * network computes in, and pixel-interleaved (channels last) as its images are.
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
   * @param precision of the weights, and so of what the network computes in
   * @param extraFiles texts that travel along, by name: {@code _extra_files} of PyTorch's loader
   * @param out is flushed, not closed
   */
  static void write(
      TorchScriptProgram program,
      Function<ConvUnit, FoldedConvolution> weights,
      Precision precision,
      Map<String, String> extraFiles,
      OutputStream out)
      throws IOException {
    TorchScriptArchive archive = new TorchScriptArchive(out);
    archive.entry("data.pkl", pickle(program, precision));
    archive.entry("code/__torch__.py", ascii(program.code()));
    // An empty tuple.
    archive.entry("constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
    // As PyTorch 2.3 writes it: an older number makes the loader look for upgrades.
    archive.entry("version", ascii("10\n"));
    archive.entry("byteorder", ascii("little"));
    for (Map.Entry<String, String> extra : new TreeMap<>(extraFiles).entrySet()) {
      archive.entry("extra/" + extra.getKey(), extra.getValue().getBytes(StandardCharsets.UTF_8));
    }
    for (Constant constant : program.constants()) {
      archive.storage(floats(constant.values()), StorageType.F32);
    }
    for (ConvUnit unit : program.convolutions()) {
      FoldedConvolution folded = weights.apply(unit);
      archive.storage(channelsLast(unit, folded.weight()), precision.storage());
      archive.storage(folded.bias(), precision.storage());
    }
    archive.zip.finish();
    archive.zip.flush();
  }

  private static byte[] pickle(TorchScriptProgram program, Precision precision) {
    TensorPickle pickle = new TensorPickle("__torch__", TorchScriptProgram.CLASS_NAME);
    pickle.attribute("training", false);
    pickle.absentAttribute("_is_full_backward_hook");
    for (Constant constant : program.constants()) {
      pickle.tensorAttribute(
          constant.attribute(), List.of(1, constant.values().size(), 1, 1), StorageType.F32);
    }
    for (int i = 0; i < program.convolutions().size(); i++) {
      ConvUnit unit = program.convolutions().get(i);
      pickle.tensorAttribute(
          TorchScriptProgram.weightAttribute(i),
          List.of(unit.outChannels(), unit.inChannels(), unit.kernel(), unit.kernel()),
          precision.storage());
      pickle.tensorAttribute(
          TorchScriptProgram.biasAttribute(i), List.of(unit.outChannels()), precision.storage());
    }
    return pickle.finish();
  }

  private void storage(float[] values, StorageType type) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, type.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      type.write(bytes, value);
    }
    entry("data/" + storages++, bytes.array());
  }

  /**
   * From [outChannels, inChannels, kernel, kernel] to [outChannels, kernel, kernel, inChannels].
   */
  private static float[] channelsLast(ConvUnit unit, float[] weight) {
    int area = unit.kernel() * unit.kernel();
    if (area == 1) {
      return weight;
    }
    float[] interleaved = new float[weight.length];
    int at = 0;
    for (int out = 0; out < unit.outChannels(); out++) {
      for (int place = 0; place < area; place++) {
        for (int in = 0; in < unit.inChannels(); in++) {
          interleaved[at++] = weight[(out * unit.inChannels() + in) * area + place];
        }
      }
    }
    return interleaved;
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
   * TorchScript's loader knows. The n-th tensor lies in storage n; those of four dimensions, and
   * only they, are channels last.
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

    void tensorAttribute(String name, List<Integer> sizes, StorageType type) {
      string(name);
      global("torch._utils", "_rebuild_tensor_v2");
      opcodes('(');
      storage(sizes.stream().reduce(1, Math::multiplyExact), type);
      integer(0);
      tuple(sizes);
      tuple(strides(sizes));
      opcodes(0x89);
      global("collections", "OrderedDict");
      opcodes(')', 'R', 't', 'R');
    }

    byte[] finish() {
      opcodes('u', 'b', '.');
      return bytes.toByteArray();
    }

    private void storage(int elements, StorageType type) {
      opcodes('(');
      string("storage");
      global(
          "torch",
          switch (type) {
            case F32 -> "FloatStorage";
            case F16 -> "HalfStorage";
            case BF16 -> "BFloat16Storage";
          });
      string(Integer.toString(tensors++));
      string("cpu");
      integer(elements);
      opcodes('t', 'Q');
    }

    private static List<Integer> strides(List<Integer> sizes) {
      if (sizes.size() == 1) {
        return List.of(1);
      }
      int channels = sizes.get(1);
      int row = channels * sizes.get(3);
      return List.of(row * sizes.get(2), 1, row, channels);
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
