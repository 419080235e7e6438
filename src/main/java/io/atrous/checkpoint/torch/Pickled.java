package io.atrous.checkpoint.torch;

import io.atrous.model.ElementType;
import io.atrous.model.TensorName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value of a pickle that Java has no type for. Beside these, its values are {@link String} (also
 * for bytes, in Latin-1), {@link Long}, {@link java.math.BigInteger}, {@link Double}, {@link
 * Boolean}, {@link java.util.ArrayList} (also for sets) and {@link java.util.LinkedHashMap}. A key
 * that is neither text nor a number is an {@link Opaque}.
 *
 * <p>Lists and dictionaries may contain themselves: never ask one for its hash code or its text.
 */
public sealed interface Pickled {

  /** Python's None. */
  enum None implements Pickled {
    NONE
  }

  /** An immutable sequence, the only form of arguments. */
  record Tuple(List<Object> items) implements Pickled {}

  /**
   * A run of numbers that a file keeps outside the pickle; tensors may share it.
   *
   * @param type the type of its numbers, for the untyped its bytes
   * @param key its name in the file
   * @param elements the number of elements that lie under that name
   * @param first the first of them that belongs to this storage, which may be a view
   */
  record Storage(ElementType type, String key, long elements, long first) implements Pickled {

    /** No file is larger, so that no size in bytes overflows. */
    private static final long MAX_ELEMENTS = 1L << 56;

    /** Returns whether its numbers could be right. */
    boolean isPossible() {
      return elements >= 0 && elements <= MAX_ELEMENTS && first >= 0 && first <= elements;
    }

    long bytes() {
      return elements * type.bytes();
    }
  }

  /**
   * A tensor as the pickle describes it, unchecked.
   *
   * @param offset the offset of its first number in the storage
   * @param sizes the sizes of its dimensions, integers
   * @param strides between neighbours along each dimension, integers, in numbers
   */
  record Tensor(
      ElementType type, Storage storage, long offset, List<Object> sizes, List<Object> strides)
      implements Pickled {}

  /** A tensor of PyTorch 0.1, which is made empty, may be referred to, and is then filled. */
  final class EmptyTensor implements Pickled {

    private @Nullable Tensor filled;

    void fill(Tensor tensor) {
      filled = tensor;
    }

    /** The tensor that it has become, or itself. */
    Pickled now() {
      return filled == null ? this : filled;
    }
  }

  /**
   * An object of a class that is not known here, or such a class or function itself. It is never
   * made and never called, and nothing that the pickle puts into it is kept.
   */
  final class Opaque implements Pickled {

    private final String module;
    private final String attribute;

    Opaque(String module, String attribute) {
      this.module = module;
      this.attribute = attribute;
    }

    /** Returns another object of the same class. */
    Opaque copy() {
      return new Opaque(module, attribute);
    }

    /** Returns the Python name of the class or function. */
    @Override
    public String toString() {
      String name = module + "." + attribute;
      return TensorName.isUsable(name) ? name : "(unprintable)";
    }
  }
}
