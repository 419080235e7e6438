package io.atrous.cli;

import java.io.PrintStream;

/**
 * How far something has come: a bar that is redrawn on a terminal, elsewhere a line whenever
 * something else begins.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class ProgressBar {

  private static final int WIDTH = 30;

  private final PrintStream err;
  private final boolean terminal;
  private String shown = "";

  ProgressBar(PrintStream err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  static ProgressBar standardError() {
    return new ProgressBar(System.err, Terminal.isThere());
  }

  /** Draws the bar on a terminal, and writes a new text in a log. */
  void show(double fraction, String text) {
    if (terminal) {
      err.print(Terminal.CLEAR_LINE + drawn(fraction) + " " + text);
    } else if (!text.equals(shown)) {
      err.println(text);
    }
    err.flush();
    shown = text;
  }

  /** Makes room for other output. */
  void clear() {
    if (terminal) {
      err.print(Terminal.CLEAR_LINE);
      err.flush();
    }
  }

  private static String drawn(double fraction) {
    int filled = (int) Math.round(WIDTH * fraction);
    return "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "]";
  }
}
