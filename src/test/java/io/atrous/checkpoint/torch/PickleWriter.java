package io.atrous.checkpoint.torch;

import io.atrous.model.Safetensors.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes pickles of protocol 2: values as torch.save writes them, or any instructions. */
final class PickleWriter {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<Tensor> storages = new ArrayList<>();
  private final boolean viewMetadata;

  /**
   * @param viewMetadata whether storages are named as before PyTorch 1.6
   */
  PickleWriter(boolean viewMetadata) {
    this.viewMetadata = viewMetadata;
    bytes(0x80, 2);
  }

  PickleWriter() {
    this(false);
  }

  /** The pickle of what was written. */
  byte[] end() {
    bytes('.');
    return out.toByteArray();
  }

  /** The tensors that were written; the index of each is its storage's key. */
  List<Tensor> storages() {
    return storages;
  }

  /** Writes a map, a list, a tensor, text, a number, a truth value or any instructions. */
  PickleWriter value(Object value) {
    if (value instanceof TorchFiles.Instructions instructions) {
      return latin(instructions.latin());
    }
    if (value instanceof Map<?, ?> map) {
      global("collections", "OrderedDict").bytes(')', 'R', '(');
      map.forEach((key, item) -> value(key).value(item));
      return bytes('u');
    }
    if (value instanceof List<?> list) {
      bytes(']', '(');
      list.forEach(this::value);
      return bytes('e');
    }
    if (value instanceof Tensor tensor) {
      return tensor(tensor);
    }
    if (value instanceof String text) {
      return text(text);
    }
    if (value instanceof Double number) {
      out.write('G');
      out.writeBytes(ByteBuffer.allocate(Double.BYTES).putDouble(number).array());
      return this;
    }
    if (value instanceof Boolean truth) {
      return bytes(truth ? 0x88 : 0x89);
    }
    return integer(((Number) value).longValue());
  }

  /** Writes a float32 tensor with a storage of its own. */
  PickleWriter tensor(Tensor tensor) {
    String key = Integer.toString(storages.size());
    storages.add(tensor);
    List<Integer> strides = new ArrayList<>();
    int stride = 1;
    for (int i = tensor.shape().size() - 1; i >= 0; i--) {
      strides.add(0, stride);
      stride *= tensor.shape().get(i);
    }
    global("torch._utils", "_rebuild_tensor_v2").bytes('(');
    storage("FloatStorage", key, tensor.values().length);
    integer(0).tuple(tensor.shape()).tuple(strides).bytes(0x89).value(Map.of());
    return bytes('t', 'R');
  }

  /** Writes the name of a storage. */
  PickleWriter storage(String type, String key, long elements) {
    bytes('(').text("storage").global("torch", type).text(key).text("cpu").integer(elements);
    if (viewMetadata) {
      bytes('N');
    }
    return bytes('t', 'Q');
  }

  PickleWriter tuple(List<? extends Number> items) {
    bytes('(');
    items.forEach(item -> integer(item.longValue()));
    return bytes('t');
  }

  PickleWriter integer(long value) {
    bytes(0x8a, Long.BYTES);
    out.writeBytes(
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    return this;
  }

  PickleWriter text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.write('X');
    out.writeBytes(
        ByteBuffer.allocate(Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(utf8.length)
            .array());
    out.writeBytes(utf8);
    return this;
  }

  PickleWriter global(String module, String name) {
    return bytes('c').latin(module + "\n" + name + "\n");
  }

  PickleWriter latin(String characters) {
    out.writeBytes(characters.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  /** Writes instructions. */
  PickleWriter bytes(int... values) {
    for (int value : values) {
      out.write(value);
    }
    return this;
  }
}
