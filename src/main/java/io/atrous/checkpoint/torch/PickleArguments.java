package io.atrous.checkpoint.torch;

import io.atrous.checkpoint.torch.Pickled.Tuple;
import io.atrous.model.ModelFileException;
import java.util.List;

/**
 * The arguments from which a pickle makes something. Each accessor throws a {@link
 * ModelFileException} if there is no such argument.
 *
 * @param callee the name of the called class or function
 */
record PickleArguments(FileBytes file, String callee, List<Object> values) {

  int count() {
    return values.size();
  }

  Object get(int index) {
    if (index >= values.size()) {
      throw unusable();
    }
    return values.get(index);
  }

  <T> T get(int index, Class<T> type) {
    Object value = get(index);
    if (!type.isInstance(value)) {
      throw unusable();
    }
    return type.cast(value);
  }

  String text(int index) {
    return get(index, String.class);
  }

  long integer(int index) {
    return get(index, Long.class);
  }

  Tuple tuple(int index) {
    return get(index, Tuple.class);
  }

  List<?> list(int index) {
    return asList(get(index));
  }

  /** A value that must be a list. */
  List<?> asList(Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw unusable();
  }

  ModelFileException unusable() {
    return file.refused("uses " + callee + " with arguments that are not known here");
  }
}
