package io.atrous.model;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Names of files as text. On Unix a name is bytes, and Java reads them in the locale's encoding: in
 * the locale {@code C} that is ASCII. A path that was found in a folder leads to its file all the
 * same, but no other name can be made of it.
 */
public final class FileName {

  /** Why a name can't be used, as the end of a sentence. */
  public static final String NOT_TEXT =
      "its name is not in the encoding of this locale, "
          + System.getProperty("sun.jnu.encoding")
          + "; rename it, or set LC_ALL to a locale of its encoding, such as C.UTF-8";

  private FileName() {}

  /** Returns whether a path's last name, written as text, leads back to it. */
  public static boolean isText(Path path) {
    Path name = path.getFileName();
    try {
      return name == null || Path.of(name.toString()).equals(name);
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
