package io.atrous.ingest;

import io.atrous.settings.CameraUrl;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Hides what is secret in an address from what is said about it: its own user-info, password and
 * query wherever they stand, and those of other addresses, such as a playlist's.
 *
 * <p><b>Threading:</b> immutable.
 */
final class Masking {

  private static final String HIDDEN = "***";
  private static final Pattern USER_INFO = Pattern.compile("://[^/\\s'\"]*@");
  private static final Pattern QUERY = Pattern.compile("(://[^\\s'\"?]*\\?)[^\\s'\"]*");

  /** The longest first, so that no part of one is left. */
  private final List<String> secrets;

  Masking(CameraUrl url) {
    this.secrets =
        url.secrets().stream().sorted(Comparator.comparing(String::length).reversed()).toList();
  }

  String mask(String text) {
    String masked = text;
    for (String secret : secrets) {
      masked = masked.replace(secret, HIDDEN);
    }
    masked = USER_INFO.matcher(masked).replaceAll("://" + HIDDEN + "@");
    return QUERY.matcher(masked).replaceAll("$1" + HIDDEN);
  }
}
