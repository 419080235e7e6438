package io.atrous.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The terminal's screen, drawn over and over; what was there before comes back at the end.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class Screen implements AutoCloseable {

  private static final String ENTER = "\u001b[?1049h\u001b[?25l";
  private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
  private static final String HOME = "\u001b[H";
  private static final String CLEAR_REST_OF_LINE = "\u001b[K";
  private static final String CLEAR_REST_OF_SCREEN = "\u001b[J";
  private static final Size USUAL_SIZE = new Size(80, 24);
  private static final long PROBE_TIMEOUT_SECONDS = 2;

  private final PrintWriter out;

  /**
   * How much fits.
   *
   * @param columns characters across
   * @param rows lines
   */
  record Size(int columns, int rows) {}

  Screen(PrintWriter out) {
    this.out = out;
    out.print(ENTER);
  }

  /** Returns whether standard output is a terminal, coloured or not. */
  static boolean isThere() {
    try {
      Process test =
          new ProcessBuilder("test", "-t", "1")
              .redirectOutput(ProcessBuilder.Redirect.INHERIT)
              .start();
      return test.waitFor(PROBE_TIMEOUT_SECONDS, TimeUnit.SECONDS) && test.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Returns how large it is now; a usual size if nobody knows. */
  static Size size() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (var answer = stty.inputReader()) {
        return parse(String.valueOf(answer.readLine()));
      }
    } catch (IOException e) {
      return USUAL_SIZE;
    }
  }

  /** Reads lines and columns; a terminal that doesn't know says that it has none. */
  static Size parse(String answer) {
    if (!answer.matches("[1-9]\\d{0,3} [1-9]\\d{0,3}")) {
      return USUAL_SIZE;
    }
    String[] size = answer.split(" ", -1);
    return new Size(Integer.parseInt(size[1]), Integer.parseInt(size[0]));
  }

  /** Draws lines, no more than fit. */
  void draw(List<String> lines) {
    out.print(HOME);
    for (int line = 0; line < lines.size(); line++) {
      out.print(lines.get(line) + CLEAR_REST_OF_LINE + (line + 1 < lines.size() ? "\r\n" : ""));
    }
    out.print(CLEAR_REST_OF_SCREEN);
    out.flush();
  }

  @Override
  public void close() {
    out.print(LEAVE);
    out.flush();
  }
}
