package io.atrous.dataset;

import java.util.HexFormat;
import java.util.Optional;

/**
 * A value of a label image's pixels: a number or a colour.
 *
 * @param isColour whether the value is a colour, 0xRRGGBB
 */
public record LabelValue(boolean isColour, int value) implements Comparable<LabelValue> {

  private static final HexFormat HEX = HexFormat.of();
  private static final int DIGITS = 6;

  /** The number that means "ignore" unless somebody says otherwise. */
  static final LabelValue IGNORED = number(255);

  static LabelValue number(int value) {
    return new LabelValue(false, value);
  }

  static LabelValue colour(int rgb) {
    return new LabelValue(true, rgb);
  }

  /** Returns the value that a text such as {@code 17} or {@code #804080} writes; empty if none. */
  static Optional<LabelValue> parse(String text) {
    if (text.matches("#[0-9a-fA-F]{6}")) {
      return Optional.of(colour(HexFormat.fromHexDigits(text, 1, 1 + DIGITS)));
    }
    return text.matches("0|[1-9][0-9]{0,4}")
        ? Optional.of(number(Integer.parseInt(text)))
        : Optional.empty();
  }

  /** Sorts numbers before colours, each by size. */
  @Override
  public int compareTo(LabelValue other) {
    int byKind = Boolean.compare(isColour, other.isColour);
    return byKind != 0 ? byKind : Integer.compare(value, other.value);
  }

  @Override
  public String toString() {
    return isColour ? "#" + HEX.toHexDigits(value, DIGITS) : Integer.toString(value);
  }
}
