package io.atrous.payload;

import java.util.List;

/**
 * A place that references may point into: everything whose path begins with the prefix's segments,
 * whole segments only.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class AllowedPrefix {

  private final PayloadUri uri;
  private final List<String> segments;

  private AllowedPrefix(PayloadUri uri, List<String> segments) {
    this.uri = uri;
    this.segments = segments;
  }

  /**
   * Reads a prefix, such as {@code https://store.example/frames/} or {@code s3://bucket}.
   *
   * @throws IllegalArgumentException in one sentence, if it is no such prefix
   */
  public static AllowedPrefix parse(String text) {
    PayloadUri uri;
    try {
      uri = PayloadUri.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("a prefix " + e.getMessage());
    }
    if (uri.hasQuery()) {
      throw new IllegalArgumentException("the prefix " + uri + " has a query; a path is compared");
    }
    List<String> segments = uri.segments();
    while (!segments.isEmpty() && segments.get(segments.size() - 1).isEmpty()) {
      segments = segments.subList(0, segments.size() - 1);
    }
    if (uri.scheme() == PayloadUri.Scheme.FILE && segments.isEmpty()) {
      throw new IllegalArgumentException(
          "the prefix file:/// would open every file of the machine");
    }
    return new AllowedPrefix(uri, segments);
  }

  PayloadUri uri() {
    return uri;
  }

  /** Returns whether a URI lies under this prefix, or is the prefix itself. */
  boolean covers(PayloadUri other) {
    return other.scheme() == uri.scheme()
        && other.authority().equals(uri.authority())
        && other.segments().size() >= segments.size()
        && other.segments().subList(0, segments.size()).equals(segments);
  }

  /** The prefix in its normal form, which holds nothing secret. */
  @Override
  public String toString() {
    return uri.toString();
  }
}
