package io.atrous.training;

import java.awt.Graphics2D;
import java.util.Locale;
import java.util.Map;

/**
 * A font of 3x5 dots for labels in pictures. Java's own text needs fonts of the system, which
 * containers often lack.
 */
final class DotFont {

  /** The height of a line of text, in pixels. */
  static final int HEIGHT = 10;

  private static final int DOT = 2;
  private static final int ROWS = 5;
  private static final int COLUMNS = 3;
  private static final int ADVANCE = DOT * (COLUMNS + 1);

  /** Rows from the top, three bits each, the left dot highest. */
  private static final Map<Character, String> GLYPHS =
      Map.ofEntries(
          Map.entry('0', "75557"),
          Map.entry('1', "26227"),
          Map.entry('2', "71747"),
          Map.entry('3', "71717"),
          Map.entry('4', "55711"),
          Map.entry('5', "74717"),
          Map.entry('6', "74757"),
          Map.entry('7', "71122"),
          Map.entry('8', "75757"),
          Map.entry('9', "75717"),
          Map.entry('.', "00002"),
          Map.entry('-', "00700"),
          Map.entry('A', "25755"),
          Map.entry('B', "65656"),
          Map.entry('C', "34443"),
          Map.entry('D', "65556"),
          Map.entry('E', "74647"),
          Map.entry('F', "74644"),
          Map.entry('G', "34553"),
          Map.entry('H', "55755"),
          Map.entry('I', "72227"),
          Map.entry('L', "44447"),
          Map.entry('M', "57755"),
          Map.entry('N', "65555"),
          Map.entry('O', "25552"),
          Map.entry('P', "65644"),
          Map.entry('R', "65655"),
          Map.entry('S', "34216"),
          Map.entry('T', "72222"),
          Map.entry('U', "55557"),
          Map.entry('V', "55552"));

  private DotFont() {}

  /**
   * Draws a text in the graphics' colour; characters that the font lacks are left blank.
   *
   * @param x the left edge, in pixels
   * @param y the top edge, in pixels
   */
  static void draw(Graphics2D graphics, String text, int x, int y) {
    String upper = text.toUpperCase(Locale.ROOT);
    for (int i = 0; i < upper.length(); i++) {
      String rows = GLYPHS.getOrDefault(upper.charAt(i), "00000");
      for (int row = 0; row < ROWS; row++) {
        int bits = rows.charAt(row) - '0';
        for (int column = 0; column < COLUMNS; column++) {
          if ((bits >> (COLUMNS - 1 - column) & 1) == 1) {
            graphics.fillRect(x + i * ADVANCE + column * DOT, y + row * DOT, DOT, DOT);
          }
        }
      }
    }
  }

  /** Returns the width of a text, in pixels. */
  static int width(String text) {
    return text.length() * ADVANCE;
  }
}
