package io.atrous.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Pixels down and across, written HxW.
 *
 * @param height at least 1
 * @param width at least 1
 */
record Size(int height, int width) {

  @Override
  public String toString() {
    return height + "x" + width;
  }

  /** Returns half of it, but at least a pixel. */
  Size halved() {
    return new Size(Math.max(1, height / 2), Math.max(1, width / 2));
  }

  static final class Converter implements ITypeConverter<Size> {
    @Override
    public Size convert(String value) {
      if (!value.matches("[1-9][0-9]{0,4}x[1-9][0-9]{0,4}")) {
        throw new TypeConversionException("'" + value + "' is not a size such as 256x448");
      }
      int cross = value.indexOf('x');
      return new Size(
          Integer.parseInt(value.substring(0, cross)),
          Integer.parseInt(value.substring(cross + 1)));
    }
  }
}
