package io.atrous.checkpoint;

import io.atrous.checkpoint.torch.FileBytes;
import io.atrous.checkpoint.torch.StoredTensor;
import io.atrous.checkpoint.torch.StridedTensor;
import io.atrous.checkpoint.torch.TorchFile;
import io.atrous.checkpoint.torch.TorchLegacy;
import io.atrous.checkpoint.torch.TorchZip;
import io.atrous.model.ElementType;
import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The named tensors of a weight file, as some project's training wrote it. What wraps them is taken
 * off: dictionaries around the state dict, and prefixes that every name has.
 *
 * <p>Numbers are read when asked for, tensor by tensor, so that the heap holds no more than one.
 *
 * <p><b>Threading:</b> immutable; any thread may read.
 */
public final class Checkpoint implements AutoCloseable {

  private static final int TAR_MAGIC_AT = 257;
  private static final int HEAD_BYTES = 512;

  private final String origin;
  private final String format;
  private final SortedMap<String, StoredTensor> tensors;
  private final List<String> ignored;
  private final Runnable closing;

  private Checkpoint(
      String origin,
      String format,
      SortedMap<String, StoredTensor> tensors,
      List<String> ignored,
      Runnable closing) {
    if (tensors.isEmpty()) {
      throw new ModelFileException("Model file " + origin + " holds no tensors");
    }
    this.origin = origin;
    this.format = format;
    this.tensors = unwrapped(tensors);
    this.ignored = List.copyOf(ignored);
    this.closing = closing;
  }

  /**
   * Opens a file of any format that is known, told by its first bytes.
   *
   * @throws ModelFileException if it is missing, damaged, or anything but named tensors
   */
  public static Checkpoint open(Path path) {
    FileBytes file = FileBytes.open(path);
    boolean kept = false;
    try {
      if (isSafetensors(file)) {
        return of(Safetensors.open(path));
      }
      Checkpoint checkpoint = of(file);
      kept = true;
      return checkpoint;
    } finally {
      if (!kept) {
        file.close();
      }
    }
  }

  static Checkpoint of(Safetensors file) {
    SortedMap<String, StoredTensor> tensors = new TreeMap<>();
    for (String name : file.names()) {
      tensors.put(name, new SafetensorsTensor(file, name));
    }
    return new Checkpoint(file.origin(), "safetensors", tensors, List.of(), () -> {});
  }

  /**
   * Reads a file that torch.save wrote.
   *
   * @param file closed with this
   */
  public static Checkpoint of(FileBytes file) {
    TorchFile torch = torch(file);
    StateDict dictionary = StateDict.find(file, torch.root());
    SortedMap<String, StoredTensor> tensors = new TreeMap<>();
    dictionary
        .tensors()
        .forEach(
            (name, tensor) ->
                tensors.put(
                    name, StridedTensor.of(file, name, tensor, torch.locate(tensor.storage()))));
    return new Checkpoint(
        file.origin(), torch.format(), tensors, dictionary.ignored(), file::close);
  }

  private static TorchFile torch(FileBytes file) {
    ByteBuffer head = head(file);
    if (startsWith(head, 0, "PK\3\4")) {
      return TorchZip.read(file);
    }
    if (startsWith(head, 0, "\200")) {
      return TorchLegacy.read(file);
    }
    if (startsWith(head, TAR_MAGIC_AT, "ustar")) {
      throw file.refused(
          "is a tar archive, the first format of PyTorch; load it in Python and save it again");
    }
    throw file.refused("is neither a safetensors file nor one that torch.save wrote");
  }

  /** A header of JSON behind a size that a header may have. */
  private static boolean isSafetensors(FileBytes file) {
    ByteBuffer head = head(file);
    return startsWith(head, Long.BYTES, "{") && head.getInt(Integer.BYTES) == 0;
  }

  private static ByteBuffer head(FileBytes file) {
    ByteBuffer head = ByteBuffer.allocate((int) Math.min(HEAD_BYTES, file.size()));
    file.read(head, 0);
    return head;
  }

  private static boolean startsWith(ByteBuffer head, int at, String latin) {
    byte[] bytes = latin.getBytes(StandardCharsets.ISO_8859_1);
    return at + bytes.length <= head.limit()
        && head.slice(at, bytes.length).equals(ByteBuffer.wrap(bytes));
  }

  /** Returns the file's name in messages. */
  public String origin() {
    return origin;
  }

  /** The file's format, in words for people. */
  public String format() {
    return format;
  }

  /** The tensors' names, sorted. */
  public List<String> names() {
    return List.copyOf(tensors.keySet());
  }

  /** A tensor's dimensions. */
  public List<Integer> shape(String name) {
    return tensor(name).shape();
  }

  /** Returns the type of a tensor's numbers. */
  public ElementType type(String name) {
    return tensor(name).type();
  }

  /**
   * A tensor's numbers in single precision, row-major, in an array of the caller's; they may be
   * infinite or not a number.
   *
   * @throws ModelFileException if they can't be read, or if the tensor's {@link #type} is not a
   *     floating-point one
   */
  public float[] values(String name) {
    return tensor(name).values(name);
  }

  /**
   * Returns the names of the entries beside the tensors that are not read, such as an optimizer's
   * state.
   */
  public List<String> ignored() {
    return ignored;
  }

  @Override
  public void close() {
    closing.run();
  }

  private StoredTensor tensor(String name) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new ModelFileException("Model file " + origin + " has no tensor " + name);
    }
    return tensor;
  }

  private static SortedMap<String, StoredTensor> unwrapped(
      SortedMap<String, StoredTensor> tensors) {
    int prefix = CommonPrefix.length(tensors.keySet());
    SortedMap<String, StoredTensor> unwrapped = new TreeMap<>();
    tensors.forEach((name, tensor) -> unwrapped.put(name.substring(prefix), tensor));
    return unwrapped;
  }

  /**
   * A tensor of a safetensors file.
   *
   * @param stored its name there
   */
  private record SafetensorsTensor(Safetensors file, String stored) implements StoredTensor {

    @Override
    public ElementType type() {
      return file.type(stored);
    }

    @Override
    public List<Integer> shape() {
      return file.shape(stored);
    }

    @Override
    public float[] values(String name) {
      return file.values(stored);
    }
  }
}
