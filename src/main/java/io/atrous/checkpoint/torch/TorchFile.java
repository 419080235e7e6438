package io.atrous.checkpoint.torch;

import io.atrous.checkpoint.torch.Pickled.Storage;
import io.atrous.checkpoint.torch.Pickled.Tuple;
import io.atrous.model.ElementType;
import io.atrous.model.TensorName;

/** A file that {@code torch.save} wrote: one pickled object, and its tensors' numbers elsewhere. */
public interface TorchFile {

  /** Returns the name of the format for people. */
  String format();

  /** The object, as described at {@link Pickled}. */
  Object root();

  /**
   * Returns the position in the file at which a storage's numbers begin, all of which lie in it.
   *
   * @throws io.atrous.model.ModelFileException if they don't
   */
  long locate(Storage storage);

  /** The storage that a persistent id names. */
  static Storage storage(PickleArguments id) {
    ElementType type = id.get(1, ElementType.class);
    boolean isView = id.count() > 5 && id.get(5) instanceof Tuple;
    long first =
        isView ? viewBegin(new PickleArguments(id.file(), id.callee(), id.tuple(5).items())) : 0;
    Storage storage = new Storage(type, id.text(2), id.integer(4), first);
    if (!id.text(0).equals("storage")
        || !TensorName.isUsable(storage.key())
        || !storage.isPossible()) {
      throw id.unusable();
    }
    return storage;
  }

  /**
   * Before PyTorch 1.6 a storage could be a part of another: (its key, its first number, count).
   */
  private static long viewBegin(PickleArguments view) {
    return view.integer(1);
  }
}
