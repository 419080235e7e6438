package io.atrous.checkpoint.torch;

import io.atrous.model.ElementType;
import java.util.List;

/** A tensor whose numbers lie in a file until they are asked for. */
public interface StoredTensor {

  ElementType type();

  List<Integer> shape();

  /**
   * Reads the numbers.
   *
   * @param name the tensor's, for messages
   * @return float, row-major, the caller's
   * @throws io.atrous.model.ModelFileException if they can't be read or are not floating-point
   */
  float[] values(String name);
}
