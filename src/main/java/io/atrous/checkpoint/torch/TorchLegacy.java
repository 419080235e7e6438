package io.atrous.checkpoint.torch;

import io.atrous.checkpoint.torch.Pickled.Storage;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The format of PyTorch before 1.6: pickles of a magic number, a version, the writer's machine, the
 * object and the keys of its storages; then, in the order of those keys, each storage as a count
 * and its numbers.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class TorchLegacy implements TorchFile {

  private static final BigInteger MAGIC_NUMBER = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long VERSION = 1001;

  private final FileBytes file;
  private final Object root;

  /** The storages as the object mentions them, by key. */
  private final Map<String, Storage> storages = new HashMap<>();

  /** The position at which the numbers of a key begin. */
  private final Map<String, Long> places = new HashMap<>();

  private TorchLegacy(FileBytes file) {
    this.file = file;
    ByteCursor cursor = new ByteCursor(file, 0, file.size());
    if (!PickleReader.read(file, cursor, TorchFile::storage).equals(MAGIC_NUMBER)) {
      throw file.refused("is a Python pickle, but not one that torch.save wrote");
    }
    Object version = PickleReader.read(file, cursor, TorchFile::storage);
    if (!version.equals(VERSION)) {
      throw file.refused("has a version of PyTorch's old format that is not known");
    }
    Object machine = PickleReader.read(file, cursor, TorchFile::storage);
    if (!(machine instanceof Map<?, ?> facts) || !Boolean.TRUE.equals(facts.get("little_endian"))) {
      throw file.refused("was written on a big-endian machine, which is not supported");
    }
    this.root = PickleReader.read(file, cursor, this::storage);
    if (!(PickleReader.read(file, cursor, TorchFile::storage) instanceof List<?> keys)) {
      throw file.damaged("it has no list of its storages");
    }
    for (Object key : keys) {
      Storage storage = key instanceof String ? storages.get(key) : null;
      if (storage == null) {
        throw file.damaged("it has a storage that its object doesn't mention");
      }
      place(cursor, storage);
    }
  }

  public static TorchLegacy read(FileBytes file) {
    return new TorchLegacy(file);
  }

  private Storage storage(PickleArguments id) {
    Storage storage = TorchFile.storage(id);
    Storage first = storages.putIfAbsent(storage.key(), storage);
    if (first != null && first.bytes() != storage.bytes()) {
      throw file.damaged("it mentions a storage with different sizes");
    }
    return storage;
  }

  private void place(ByteCursor cursor, Storage storage) {
    long elements = cursor.nextLong();
    if (elements != storage.elements()) {
      throw file.damaged(
          "a storage has " + elements + " numbers where " + storage.elements() + " are needed");
    }
    if (places.put(storage.key(), cursor.position()) != null) {
      throw file.damaged("it lists a storage twice");
    }
    cursor.skip(storage.bytes());
  }

  @Override
  public String format() {
    return "PyTorch before 1.6";
  }

  @Override
  public Object root() {
    return root;
  }

  @Override
  public long locate(Storage storage) {
    Long place = places.get(storage.key());
    if (place == null) {
      throw file.damaged("it lacks the numbers of a storage");
    }
    return place;
  }
}
