package io.atrous.inference;

import java.util.ArrayList;
import java.util.List;

/** The numbers of images for which an engine is made ready. */
public final class BatchSizes {

  private BatchSizes() {}

  /** Returns the powers of two up to the largest batch, and the largest. */
  public static List<Integer> warmed(int maxBatchSize) {
    List<Integer> sizes = new ArrayList<>();
    for (int size = 1; size < maxBatchSize; size *= 2) {
      sizes.add(size);
    }
    sizes.add(maxBatchSize);
    return sizes;
  }
}
