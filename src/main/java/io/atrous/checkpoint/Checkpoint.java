package io.atrous.checkpoint;

import io.atrous.checkpoint.torch.FileBytes;
import io.atrous.checkpoint.torch.Pickled.Opaque;
import io.atrous.checkpoint.torch.Pickled.Tensor;
import io.atrous.checkpoint.torch.StoredTensor;
import io.atrous.checkpoint.torch.StridedTensor;
import io.atrous.checkpoint.torch.TorchFile;
import io.atrous.checkpoint.torch.TorchLegacy;
import io.atrous.checkpoint.torch.TorchZip;
import io.atrous.model.ElementType;
import io.atrous.model.ForeignFile;
import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The named tensors of a weight file, as some project's training wrote it. Dictionaries around them
 * are part of their names: {@code state_dict.model.encoder.conv1.weight}.
 *
 * <p>A tensor is looked at and its numbers are read when asked for, so that the heap holds no more
 * than one, and what stands beside a network may be anything.
 *
 * <p><b>Threading:</b> immutable; any thread may read.
 */
public final class Checkpoint implements AutoCloseable {

  private static final int NAMED_PER_COMPLAINT = 8;

  private final String origin;
  private final String format;
  private final NamedTensors<?> tensors;
  private final Function<String, StoredTensor> reader;
  private final @Nullable SmpConfiguration configuration;
  private final Map<String, StoredTensor> opened = new ConcurrentHashMap<>();
  private final Runnable closing;

  private Checkpoint(
      String origin,
      String format,
      NamedTensors<?> tensors,
      Function<String, StoredTensor> reader,
      @Nullable SmpConfiguration configuration,
      Runnable closing) {
    this.origin = origin;
    this.format = format;
    this.tensors = tensors;
    this.reader = reader;
    this.configuration = configuration;
    this.closing = closing;
  }

  /**
   * Opens a file of any format that is known, told by its first bytes, or a folder that {@code
   * save_pretrained} wrote.
   *
   * @throws ModelFileException if it is missing, damaged, or anything but named tensors
   */
  public static Checkpoint open(Path path) {
    Path weights = Files.isDirectory(path) ? HubFolder.weights(path) : path;
    HubFolder.requireWhole(weights);
    SmpConfiguration configuration = HubFolder.configuration(weights);
    if (HubFolder.isIndex(weights)) {
      return of(weights.toString(), HubFolder.shards(weights), configuration);
    }
    FileBytes file = FileBytes.open(weights);
    boolean kept = false;
    try {
      if (isSafetensors(file)) {
        return of(weights.toString(), List.of(Safetensors.open(weights)), configuration);
      }
      Checkpoint checkpoint = of(file, configuration);
      kept = true;
      return checkpoint;
    } finally {
      if (!kept) {
        file.close();
      }
    }
  }

  static Checkpoint of(Safetensors file) {
    return of(file.origin(), List.of(file), null);
  }

  private static Checkpoint of(
      String origin, List<Safetensors> files, @Nullable SmpConfiguration configuration) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Safetensors file : files) {
      for (String name : file.names()) {
        if (tensors.put(name, new SafetensorsTensor(file, name)) != null) {
          throw new ModelFileException("Model file " + origin + " has two tensors " + name);
        }
      }
    }
    if (tensors.isEmpty()) {
      throw new ModelFileException("Model file " + origin + " holds no tensors");
    }
    NamedTensors<StoredTensor> named = new NamedTensors<>(origin, tensors, StoredTensor.class);
    return new Checkpoint(
        origin, "safetensors", named, name -> tensor(named, name), configuration, () -> {});
  }

  /**
   * Reads a file that torch.save wrote.
   *
   * @param file closed with this
   */
  public static Checkpoint of(FileBytes file) {
    return of(file, null);
  }

  private static Checkpoint of(FileBytes file, @Nullable SmpConfiguration configuration) {
    TorchFile torch = torch(file);
    if (torch.root() instanceof Opaque opaque) {
      throw unread(file, opaque);
    }
    if (!(torch.root() instanceof Map<?, ?> root)) {
      throw file.refused("holds something else than a dictionary of named tensors");
    }
    NamedTensors<Tensor> named = new NamedTensors<>(file.origin(), root, Tensor.class);
    if (named.tensors().isEmpty()) {
      named.opaques().values().stream()
          .findFirst()
          .ifPresent(
              opaque -> {
                throw unread(file, opaque);
              });
      throw file.refused(
          "holds no named tensors; at its top are: "
              + root.keySet().stream()
                  .limit(NAMED_PER_COMPLAINT)
                  .map(NamedTensors::printable)
                  .collect(Collectors.joining(", ")));
    }
    return new Checkpoint(
        file.origin(),
        torch.format(),
        named,
        name -> {
          Tensor tensor = tensor(named, name);
          return StridedTensor.of(file, name, tensor, torch.locate(tensor.storage()));
        },
        configuration,
        file::close);
  }

  private static ModelFileException unread(FileBytes file, Opaque opaque) {
    return file.refused(
        "holds a "
            + opaque
            + "; only tensors, numbers, text, lists and dictionaries are read and no code is run,"
            + " so load it in Python and save the weights alone:"
            + " torch.save(model.state_dict(), 'weights.pth')");
  }

  private static TorchFile torch(FileBytes file) {
    byte[] head = head(file);
    if (startsWith(head, 0, "PK\3\4")) {
      return TorchZip.read(file);
    }
    if (startsWith(head, 0, "\200")) {
      return TorchLegacy.read(file);
    }
    throw file.refused(
        ForeignFile.recognize(head)
            .orElse("is neither a safetensors file nor one that torch.save wrote"));
  }

  /** A header of JSON behind a size that a header may have. */
  private static boolean isSafetensors(FileBytes file) {
    byte[] head = head(file);
    return startsWith(head, Long.BYTES, "{") && ByteBuffer.wrap(head).getInt(Integer.BYTES) == 0;
  }

  private static byte[] head(FileBytes file) {
    byte[] head = new byte[(int) Math.min(ForeignFile.HEAD_BYTES, file.size())];
    file.read(ByteBuffer.wrap(head), 0);
    return head;
  }

  private static boolean startsWith(byte[] head, int at, String latin) {
    byte[] bytes = latin.getBytes(StandardCharsets.ISO_8859_1);
    return at + bytes.length <= head.length
        && Arrays.equals(head, at, at + bytes.length, bytes, 0, bytes.length);
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
    return List.copyOf(tensors.tensors().keySet());
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

  /** Returns what stands beside the file about its network, or null if nothing does. */
  @Nullable SmpConfiguration configuration() {
    return configuration;
  }

  /** Returns the objects that are not read, by name: of what class each is. */
  Map<String, Opaque> opaques() {
    return tensors.opaques();
  }

  /**
   * Returns the names of what there is beside the tensors whose names begin with a prefix, such as
   * an optimizer's state.
   */
  List<String> beside(String prefix) {
    return tensors.beside(prefix);
  }

  @Override
  public void close() {
    closing.run();
  }

  private StoredTensor tensor(String name) {
    return opened.computeIfAbsent(name, reader);
  }

  private static <T> T tensor(NamedTensors<T> tensors, String name) {
    T tensor = tensors.tensors().get(name);
    if (tensor == null) {
      throw new ModelFileException("Model file " + tensors.origin() + " has no tensor " + name);
    }
    return tensor;
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
