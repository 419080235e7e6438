package io.atrous.event;

/** What strangers wrote, made fit for sentences that end up in logs and on terminals. */
public final class UntrustedText {

  /** Enough for any sentence; a name that is longer is meant to be. */
  private static final int MAX_CHARS = 1_000;

  private UntrustedText() {}

  /**
   * One line that holds nothing a terminal would obey or a reader be deceived by: control
   * characters, marks of direction, line separators and halves of surrogate pairs become {@code
   * \}{@code u001b}. What is longer than a thousand characters is cut.
   */
  public static String oneLine(String text) {
    return oneLine(text, MAX_CHARS);
  }

  /**
   * The same, cut after that many characters.
   *
   * @param maxChars of the text as it was written
   */
  public static String oneLine(String text, int maxChars) {
    StringBuilder line = new StringBuilder();
    text.codePoints()
        .limit(maxChars)
        .forEach(
            c -> {
              switch (Character.getType(c)) {
                case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    line.append("\\u%04x".formatted(c));
                default -> line.appendCodePoint(c);
              }
            });
    return text.codePointCount(0, text.length()) <= maxChars ? line.toString() : line + "…";
  }
}
