package io.atrous.checkpoint.torch;

import io.atrous.model.Safetensors;
import io.atrous.model.Safetensors.Tensor;
import io.atrous.model.StorageType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Checkpoints as PyTorch writes them. An object is a map with {@link Tensor}s, maps, lists, text
 * and numbers in it, written in its order: a bare state dict, or one wrapped: {@code
 * Map.of("state_dict", tensors, "epoch", 3)}.
 */
public final class TorchFiles {

  /** Instructions of a pickle that leave one value on its stack. */
  public record Instructions(String latin) {

    /** What makes an object of a class, with a state. */
    public static Instructions object(String module, String name) {
      return new Instructions(
          "c" + module + "\n" + name + "\n)\u0081}X\u0001\u0000\u0000\u0000aK\u0001sb");
    }
  }

  private static final String FOLDER = "archive/";

  /** The magic number 0x1950a86a20f9469cfc6c, little-endian. */
  private static final int[] MAGIC = {0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

  private TorchFiles() {}

  /** The format of PyTorch since 1.6. */
  public static byte[] zip(Map<String, ?> object) {
    return zip(new PickleWriter().value(object));
  }

  public static byte[] zip(PickleWriter object) {
    return zip(zipEntries(object), true);
  }

  /** A dictionary that holds another under two keys, and itself. */
  public static FileBytes aliased(Tensor tensor) {
    PickleWriter pickle = new PickleWriter().latin("}q\0(").text("state_dict").latin("}q\1");
    pickle.text("w").tensor(tensor).latin("s").text("model").latin("h\1");
    return inMemory(zip(pickle.text("all").latin("h\0u")));
  }

  /** What stands in the archive, which may be changed. */
  public static Map<String, byte[]> zipEntries(PickleWriter object) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put(FOLDER + "data.pkl", object.end());
    entries.put(FOLDER + "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
    List<Tensor> storages = object.storages();
    for (int i = 0; i < storages.size(); i++) {
      entries.put(FOLDER + "data/" + i, numbers(storages.get(i)));
    }
    entries.put(FOLDER + "version", "3\n".getBytes(StandardCharsets.US_ASCII));
    return entries;
  }

  public static byte[] zip(Map<String, byte[]> entries, boolean stored) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> content : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(content.getKey());
        entry.setTimeLocal(LocalDateTime.of(2026, 1, 1, 0, 0));
        if (stored) {
          CRC32 crc = new CRC32();
          crc.update(content.getValue());
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(content.getValue().length);
          entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(content.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** The format of PyTorch before 1.6. */
  public static byte[] legacy(Map<String, ?> object) {
    return legacy(new PickleWriter(true).value(object));
  }

  public static byte[] legacy(PickleWriter object) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new PickleWriter().bytes(0x8a, MAGIC.length).bytes(MAGIC).end());
    out.writeBytes(new PickleWriter().integer(1001).end());
    out.writeBytes(new PickleWriter().value(Map.of("little_endian", true)).end());
    out.writeBytes(object.end());
    List<Tensor> storages = object.storages();
    PickleWriter keys = new PickleWriter().bytes(']', '(');
    for (int i = 0; i < storages.size(); i++) {
      keys.text(Integer.toString(i));
    }
    out.writeBytes(keys.bytes('e').end());
    for (Tensor storage : storages) {
      ByteBuffer count = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      out.writeBytes(count.putLong(storage.values().length).array());
      out.writeBytes(numbers(storage));
    }
    return out.toByteArray();
  }

  public static byte[] safetensors(Map<String, Tensor> tensors) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Safetensors.write(out, Map.of("format", "pt"), tensors, StorageType.F32);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** A file that lies nowhere but in memory. */
  public static FileBytes inMemory(byte[] file) {
    return new FileBytes(
        "m",
        file.length,
        (target, position) -> {
          int count = (int) Math.min(target.remaining(), file.length - position);
          target.put(file, (int) position, count);
          return count;
        });
  }

  private static byte[] numbers(Tensor tensor) {
    ByteBuffer bytes =
        ByteBuffer.allocate(tensor.values().length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : tensor.values()) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }
}
