package io.atrous.cli;

import java.io.PrintWriter;
import java.util.Locale;

/** What a command says of a model: lines of a label and a value, one under the other. */
record LabelledLines(PrintWriter out) {

  /** Prints one. */
  void print(String label, String format, Object... values) {
    out.printf(Locale.ROOT, "  %-16s %s%n", label, String.format(Locale.ROOT, format, values));
    out.flush();
  }
}
