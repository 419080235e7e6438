package io.atrous.checkpoint;

import io.atrous.checkpoint.torch.Pickled.Opaque;
import io.atrous.model.ModelFileException;
import io.atrous.model.TensorName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * The tensors within what a training script saved, at any depth of its dictionaries. A tensor's
 * name is the keys on the way to it, with dots between.
 *
 * <p>Dictionaries may contain each other and themselves: each is entered once.
 *
 * @param <T> the type of a tensor
 */
final class NamedTensors<T> {

  private static final int MAX_DEPTH = 8;
  private static final int MAX_TENSORS = 100_000;
  private static final int MAX_LISTED = 1000;

  private final String origin;
  private final Map<?, ?> root;
  private final Class<T> type;
  private final NavigableMap<String, T> tensors = new TreeMap<>();
  private final Map<String, Opaque> opaques = new LinkedHashMap<>();
  private final Set<Object> entered = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * Finds the tensors.
   *
   * @throws ModelFileException if two have the same name, or one has an unusable one
   */
  NamedTensors(String origin, Map<?, ?> root, Class<T> type) {
    this.origin = origin;
    this.root = root;
    this.type = type;
    enter(root, "", 0);
  }

  /** Returns the file's name in messages. */
  String origin() {
    return origin;
  }

  /** The tensors by name. */
  NavigableMap<String, T> tensors() {
    return tensors;
  }

  /** Returns the objects in the dictionaries of which nothing but the class is known, by name. */
  Map<String, Opaque> opaques() {
    return opaques;
  }

  /**
   * Returns the names of what else there is than the tensors whose names begin with a prefix. A
   * dictionary that has none of them is named alone, without what is in it.
   */
  List<String> beside(String prefix) {
    List<String> names = new ArrayList<>();
    list(root, "", prefix, names);
    return names;
  }

  private void enter(Map<?, ?> dictionary, String path, int depth) {
    if (depth == MAX_DEPTH || !entered.add(dictionary)) {
      return;
    }
    dictionary.forEach(
        (key, value) -> {
          if (!(key instanceof String)) {
            return;
          }
          String name = path + key;
          if (type.isInstance(value)) {
            add(name, type.cast(value));
          } else if (TensorName.isUsable(name)) {
            if (value instanceof Map<?, ?> inner) {
              enter(inner, name + ".", depth + 1);
            } else if (value instanceof Opaque opaque) {
              opaques.putIfAbsent(name, opaque);
            }
          }
        });
  }

  private void add(String name, T tensor) {
    if (!TensorName.isUsable(name)) {
      throw damaged("it has a tensor with an unusable name");
    }
    if (tensors.put(name, tensor) != null) {
      throw damaged("it has two tensors " + name);
    }
    if (tensors.size() > MAX_TENSORS) {
      throw new ModelFileException(
          "Model file " + origin + " holds more than " + MAX_TENSORS + " tensors");
    }
  }

  private void list(Map<?, ?> dictionary, String path, String prefix, List<String> names) {
    for (Map.Entry<?, ?> entry : dictionary.entrySet()) {
      if (names.size() == MAX_LISTED) {
        return;
      }
      String name = path + printable(entry.getKey());
      if (entry.getValue() instanceof Map<?, ?> inner && prefix.startsWith(name + ".")) {
        list(inner, name + ".", prefix, names);
      } else if (!name.startsWith(prefix) || !holdsTensors(name, entry.getValue())) {
        names.add(name);
      }
    }
  }

  private boolean holdsTensors(String name, Object value) {
    String within = name + ".";
    String first = tensors.ceilingKey(within);
    return type.isInstance(value)
        || (value instanceof Map<?, ?> && first != null && first.startsWith(within));
  }

  /** A key as text that fits into one line. */
  static String printable(Object key) {
    String name = key.toString();
    return TensorName.isUsable(name) ? name : "(unprintable)";
  }

  private ModelFileException damaged(String why) {
    return new ModelFileException("Model file " + origin + " is damaged: " + why);
  }
}
