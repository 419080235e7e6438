package io.atrous.bench;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Text for people: names with their figures in columns, and sentences.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class FigureTable {

  private final String nameFormat;
  private final String cellFormat;
  private final StringBuilder text = new StringBuilder();

  FigureTable(int nameChars, int cellChars) {
    this.nameFormat = "%-" + nameChars + "s";
    this.cellFormat = " %" + cellChars + "s";
  }

  void line(String name, String... cells) {
    line(name, List.of(cells));
  }

  void line(String name, List<String> cells) {
    text.append(cells.isEmpty() ? name : String.format(Locale.ROOT, nameFormat, name));
    for (String cell : cells) {
      text.append(String.format(Locale.ROOT, cellFormat, cell));
    }
    text.append('\n');
  }

  void sentence(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  void emptyLine() {
    text.append('\n');
  }

  /** A cell; empty if there is no such figure. */
  static String number(String format, @Nullable Double value) {
    return value == null ? "" : String.format(Locale.ROOT, format, value);
  }

  /** Returns the whole text; each line ends in a line feed. */
  @Override
  public String toString() {
    return text.toString();
  }
}
