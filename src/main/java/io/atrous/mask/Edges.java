package io.atrous.mask;

import java.util.Arrays;
import java.util.Optional;

/**
 * A mask's edges: the pixels that begin a row or differ from their left neighbour. An edge is
 * continued by one of the next row if the same value begins there, at most {@link #LONGEST_STEP}
 * columns aside: so a chain of edges runs down an outline. Edges are numbered in reading order.
 *
 * <p><b>Threading:</b> immutable.
 */
final class Edges {

  static final int LONGEST_STEP = 7;

  private final int[] positions;
  private final int[] continuations;
  private final int[] chains;

  private Edges(int[] positions, int[] continuations, int[] chains) {
    this.positions = positions;
    this.continuations = continuations;
    this.chains = chains;
  }

  /** A mask's edges; empty if there are more than {@code most}. */
  static Optional<Edges> of(Mask mask, int most) {
    int[] firstOfRow = new int[mask.height() + 1];
    int[] positions = positions(mask, most, firstOfRow);
    int count = firstOfRow[mask.height()];
    if (count > most) {
      return Optional.empty();
    }
    int[] continuations = new int[count];
    int[] chains = new int[count];
    int begun = 0;
    for (int edge = 0; edge < firstOfRow[1]; edge++) {
      chains[begun++] = edge;
    }
    for (int row = 1; row < mask.height(); row++) {
      begun = link(mask, positions, firstOfRow, row, continuations, chains, begun);
    }
    return Optional.of(new Edges(positions, continuations, Arrays.copyOf(chains, begun)));
  }

  /**
   * Where the edges are, with room behind them.
   *
   * @param firstOfRow receives the number of each row's first edge, and behind them that of all
   */
  private static int[] positions(Mask mask, int most, int[] firstOfRow) {
    byte[] values = mask.values();
    int width = mask.width();
    int[] positions = new int[8 * mask.height() + width];
    int count = 0;
    for (int row = 0; row < mask.height(); row++) {
      firstOfRow[row] = count;
      if (count > most) {
        break;
      }
      if (positions.length - count < width) {
        positions = Arrays.copyOf(positions, 2 * positions.length);
      }
      count = Runs.begins(values, row * width, (row + 1) * width, positions, count);
    }
    firstOfRow[mask.height()] = count;
    return positions;
  }

  /** Links a row's edges to those above; the rest begin chains. */
  private static int link(
      Mask mask,
      int[] positions,
      int[] firstOfRow,
      int row,
      int[] continuations,
      int[] chains,
      int begunAbove) {
    byte[] values = mask.values();
    int width = mask.width();
    int begun = begunAbove;
    int upper = firstOfRow[row - 1];
    int lower = firstOfRow[row];
    int end = firstOfRow[row + 1];
    int upperEnd = lower;
    while (lower < end && upper < upperEnd) {
      int step = positions[lower] - positions[upper] - width;
      if (step >= -LONGEST_STEP
          && step <= LONGEST_STEP
          && values[positions[upper]] == values[positions[lower]]) {
        continuations[upper++] = lower++;
      } else if (step >= 0) {
        upper++;
      } else {
        chains[begun++] = lower++;
      }
    }
    while (lower < end) {
      chains[begun++] = lower++;
    }
    return begun;
  }

  int chainCount() {
    return chains.length;
  }

  /** The first edge of a chain. */
  int begin(int chain) {
    return chains[chain];
  }

  /** The edge's pixel in reading order. */
  int position(int edge) {
    return positions[edge];
  }

  /** The next edge of the chain, or 0 if it ends there. */
  int continuation(int edge) {
    return continuations[edge];
  }
}
