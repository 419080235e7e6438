package io.atrous.cli;

import io.atrous.demo.Demo;
import java.io.PrintStream;
import picocli.CommandLine;

/**
 * Shows progress to a person: a line that is rewritten on a terminal, a line now and then in a log.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class Terminal implements Demo.Progress {

  /** Rewrites the line. */
  static final String CLEAR_LINE = "\r\u001b[K";

  private static final int TICKS_PER_LOGGED_LINE = 20;

  private final PrintStream out;
  private final boolean interactive;
  private boolean lineOpen;
  private long ticks;

  Terminal(PrintStream out, boolean interactive) {
    this.out = out;
    this.interactive = interactive;
  }

  static Terminal standardOutput() {
    return new Terminal(System.out, isThere());
  }

  /** Returns whether a person sees what is written; picocli knows terminals on every JDK. */
  static boolean isThere() {
    return CommandLine.Help.Ansi.AUTO.enabled();
  }

  @Override
  public void step(String sentence) {
    if (lineOpen) {
      out.println();
      lineOpen = false;
    }
    out.println(sentence);
    out.flush();
  }

  @Override
  public void tick(String line) {
    if (interactive) {
      out.print(CLEAR_LINE + line);
      lineOpen = true;
    } else if (ticks++ % TICKS_PER_LOGGED_LINE == TICKS_PER_LOGGED_LINE - 1) {
      out.println(line);
    }
    out.flush();
  }
}
