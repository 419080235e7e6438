package io.atrous.cli;

import io.atrous.event.UntrustedText;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Draws what a mask shows as a bar: a letter for each class, as often as its share is large. With
 * colours each letter has its own; without, the letters are enough.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class ClassBar {

  private static final String LETTERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  private static final char ANY_OTHER = '*';
  private static final char NOTHING = '.';

  /** Colours of the terminal's palette that dark letters can be read on. */
  private static final int[] COLOURS = {110, 150, 180, 216, 183, 222, 152, 175, 114, 147, 187, 209};

  private static final String RESET = "\u001b[0m";

  private final boolean colours;
  private final Map<String, Character> letters = new LinkedHashMap<>();

  ClassBar(boolean colours) {
    this.colours = colours;
  }

  /**
   * Draws a bar.
   *
   * @param shares shares of the classes, which sum up to 1 or less
   * @param cells letters across
   */
  String of(Map<String, Double> shares, int cells) {
    StringBuilder bar = new StringBuilder();
    double end = 0;
    int drawn = 0;
    for (Map.Entry<String, Double> share : shares.entrySet()) {
      end += share.getValue();
      int until = (int) Math.min(cells, Math.round(end * cells));
      char letter = letter(share.getKey());
      bar.append(painted(letter, String.valueOf(letter).repeat(Math.max(0, until - drawn))));
      drawn = Math.max(drawn, until);
    }
    return bar.append(String.valueOf(NOTHING).repeat(cells - drawn)).toString();
  }

  /**
   * Says what the letters mean that were drawn so far, as far as there is room.
   *
   * @param columns characters across
   */
  String legend(int columns) {
    StringBuilder legend = new StringBuilder();
    int used = 0;
    for (Map.Entry<String, Character> letter : letters.entrySet()) {
      String name = UntrustedText.oneLine(letter.getKey());
      int needed = (used == 0 ? 0 : 2) + 2 + name.length();
      if (used + needed > columns) {
        break;
      }
      legend
          .append(used == 0 ? "" : "  ")
          .append(painted(letter.getValue(), letter.getValue().toString()))
          .append(' ')
          .append(name);
      used += needed;
    }
    return legend.toString();
  }

  /** A letter of the class's name, if one is free; it stays the same. */
  private char letter(String className) {
    Character known = letters.get(className);
    if (known != null) {
      return known;
    }
    int free =
        (className + LETTERS)
            .chars()
            .filter(c -> LETTERS.indexOf(c) >= 0 && !letters.containsValue((char) c))
            .findFirst()
            .orElse(ANY_OTHER);
    if (free != ANY_OTHER) {
      letters.put(className, (char) free);
    }
    return (char) free;
  }

  private String painted(char letter, String text) {
    if (!colours || text.isEmpty()) {
      return text;
    }
    int colour = COLOURS[letter % COLOURS.length];
    return "\u001b[30;48;5;" + colour + "m" + text + RESET;
  }
}
