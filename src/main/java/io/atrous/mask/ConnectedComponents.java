package io.atrous.mask;

import java.util.Arrays;

/**
 * The connected components of all classes of a mask at once, as runs: one pass over the pixels
 * finds each row's runs and joins them with the runs of the same class they touch in the row above.
 *
 * <p>Pixels are neighbours by an edge, not by a corner (4-connectivity). No class is favoured that
 * way: two classes can't cross each other in one corner, and a component's outline never crosses
 * itself.
 *
 * <p><b>Threading:</b> confined to its owner; scratch memory is kept from mask to mask.
 */
final class ConnectedComponents {

  private int[] starts = new int[0]; // x of a run's first pixel
  private int[] ends = new int[0]; // x after its last
  private int[] rows = new int[0]; // y
  private int[] components = new int[0]; // while joining, a run of the same component before it
  private int runCount;
  private int componentCount;

  /** Finds the components; what this object said of the mask before is forgotten. */
  void find(Mask mask) {
    int width = mask.width();
    byte[] values = mask.values();
    runCount = 0;
    int above = 0; // the first run of the row above
    for (int y = 0; y < mask.height(); y++) {
      int rowStart = y * width;
      int rowEnd = rowStart + width;
      int first = runCount;
      for (int at = rowStart; at < rowEnd; ) {
        int end = Runs.end(values, at, rowEnd);
        add(at - rowStart, end - rowStart, y);
        at = end;
      }
      if (y > 0) {
        joinRows(values, rowStart, width, above, first);
      }
      above = first;
    }
    number();
  }

  /** Joins the runs from {@code above} up to {@code below} with those from there on. */
  private void joinRows(byte[] values, int rowStart, int width, int above, int below) {
    int upper = above;
    int lower = below;
    while (upper < below && lower < runCount) {
      if (values[rowStart + starts[lower]] == values[rowStart - width + starts[upper]]
          && starts[upper] < ends[lower]
          && starts[lower] < ends[upper]) {
        join(upper, lower);
      }
      // Whichever ends first has met all it can meet; both cover the whole row.
      if (ends[upper] < ends[lower]) {
        upper++;
      } else {
        lower++;
      }
    }
  }

  private void join(int a, int b) {
    int rootA = root(a);
    int rootB = root(b);
    if (rootA < rootB) {
      components[rootB] = rootA;
    } else {
      components[rootA] = rootB;
    }
  }

  /** The first run of that run's component, so far. */
  private int root(int run) {
    int at = run;
    while (components[at] != at) {
      components[at] = components[components[at]];
      at = components[at];
    }
    return at;
  }

  /** Replaces links between runs by the components' numbers. */
  private void number() {
    componentCount = 0;
    for (int run = 0; run < runCount; run++) {
      // A link leads to an earlier run, whose number is known by now.
      components[run] = components[run] == run ? componentCount++ : components[components[run]];
    }
  }

  private void add(int start, int end, int row) {
    if (runCount == starts.length) {
      int capacity = Math.max(1024, runCount * 2);
      starts = Arrays.copyOf(starts, capacity);
      ends = Arrays.copyOf(ends, capacity);
      rows = Arrays.copyOf(rows, capacity);
      components = Arrays.copyOf(components, capacity);
    }
    starts[runCount] = start;
    ends[runCount] = end;
    rows[runCount] = row;
    components[runCount] = runCount;
    runCount++;
  }

  /** Returns the number of components; they are numbered by their first pixel, in row order. */
  int count() {
    return componentCount;
  }

  /** Returns the number of runs, in row order. */
  int runCount() {
    return runCount;
  }

  /** The column of a run's first pixel. */
  int start(int run) {
    return starts[run];
  }

  /** The column after a run's last pixel. */
  int end(int run) {
    return ends[run];
  }

  /** The row a run lies in. */
  int row(int run) {
    return rows[run];
  }

  /** The component a run belongs to. */
  int component(int run) {
    return components[run];
  }
}
