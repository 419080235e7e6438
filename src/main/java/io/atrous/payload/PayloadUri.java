package io.atrous.payload;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A URI of a payload, in the one form that is both compared and fetched: scheme and host in lower
 * case, default ports left out, IPv6 addresses in one spelling, segments decoded.
 *
 * <p>What programs are known to read in different ways is refused instead of guessed at: dot
 * segments in any spelling, encoded slashes, backslashes, control characters, bytes that aren't
 * UTF-8, user-info. Honest producers don't send them.
 *
 * <p><b>Threading:</b> immutable.
 */
final class PayloadUri {

  private static final int MAX_CHARS = 4096;
  private static final int MAX_DESCRIBED_CHARS = 200;
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern ENCODED_AGAIN = Pattern.compile("%[0-9A-Fa-f]{2}");

  /** How payloads can be had. */
  enum Scheme {
    FILE(-1),
    HTTP(80),
    HTTPS(443),
    S3(-1);

    private static final Map<String, Scheme> BY_NAME =
        Map.of("file", FILE, "http", HTTP, "https", HTTPS, "s3", S3);

    private final int defaultPort;

    Scheme(int defaultPort) {
      this.defaultPort = defaultPort;
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Scheme scheme;
  private final String authority;
  private final List<String> segments;
  private final URI uri;

  private PayloadUri(Scheme scheme, String authority, List<String> segments, URI uri) {
    this.scheme = scheme;
    this.authority = authority;
    this.segments = segments;
    this.uri = uri;
  }

  /**
   * Reads a URI.
   *
   * @throws IllegalArgumentException in words that go on after "the URI …", and that hold nothing
   *     of what may be secret
   */
  static PayloadUri parse(String text) {
    if (text.length() > MAX_CHARS) {
      throw new IllegalArgumentException("is longer than " + MAX_CHARS + " characters");
    }
    URI given;
    try {
      // ASCII first, so that what is compared is what is asked for: encoding may respell letters.
      given = new URI(new URI(text).toASCIIString());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "is malformed at character " + (e.getIndex() + 1) + ": " + e.getReason());
    }
    Scheme scheme =
        given.getScheme() == null
            ? null
            : Scheme.BY_NAME.get(given.getScheme().toLowerCase(Locale.ROOT));
    if (scheme == null) {
      throw new IllegalArgumentException("is none of file:, http:, https: and s3:");
    }
    if (given.isOpaque()) {
      throw new IllegalArgumentException("has no path that begins with a slash");
    }
    if (given.getRawFragment() != null) {
      throw new IllegalArgumentException("has a fragment; '#' in a name is written %23");
    }
    if (given.getRawQuery() != null && (scheme == Scheme.FILE || scheme == Scheme.S3)) {
      throw new IllegalArgumentException("has a query; '?' in a name is written %3F");
    }
    String authority = authority(scheme, given);
    String path = given.getRawPath();
    if (path.isEmpty()) {
      path = "/";
    }
    List<String> segments = segments(scheme, path);
    String query = given.getRawQuery() == null ? "" : "?" + given.getRawQuery();
    URI uri = URI.create(scheme.key() + "://" + authority + path + query);
    return new PayloadUri(scheme, authority, segments, uri);
  }

  Scheme scheme() {
    return scheme;
  }

  /** Host and port, or the bucket; empty for files. */
  String authority() {
    return authority;
  }

  /** The path's segments, decoded. The last is empty if the path ends with a slash. */
  List<String> segments() {
    return segments;
  }

  /** What to ask for: in ASCII, the path and query encoded as they were given. */
  URI toUri() {
    return uri;
  }

  boolean hasQuery() {
    return uri.getRawQuery() != null;
  }

  /** For messages: one line of ASCII, without the query, which may be a signature. */
  @Override
  public String toString() {
    String text = scheme.key() + "://" + authority + uri.getRawPath();
    return text.length() <= MAX_DESCRIBED_CHARS
        ? text
        : text.substring(0, MAX_DESCRIBED_CHARS) + "…";
  }

  private static String authority(Scheme scheme, URI given) {
    String raw = given.getRawAuthority() == null ? "" : given.getRawAuthority();
    if (raw.indexOf('@') >= 0) {
      throw new IllegalArgumentException("holds user-info, which is refused");
    }
    if (scheme == Scheme.FILE) {
      if (!raw.isEmpty() && !raw.equalsIgnoreCase("localhost")) {
        throw new IllegalArgumentException("names a file of another host");
      }
      return "";
    }
    if (scheme == Scheme.S3) {
      if (!BUCKET.matcher(raw).matches()) {
        throw new IllegalArgumentException("names no bucket: s3://bucket/key");
      }
      return raw;
    }
    // A host that isn't one by the RFC leaves the authority whole: percent-encoding, underscores.
    String host = given.getHost();
    if (host == null) {
      throw new IllegalArgumentException("names no host that is a DNS name or an IP address");
    }
    int port = given.getPort();
    if (port == 0 || port > 65_535) {
      throw new IllegalArgumentException("names an impossible port");
    }
    return canonicalHost(host) + (port == -1 || port == scheme.defaultPort ? "" : ":" + port);
  }

  private static String canonicalHost(String host) {
    if (!host.startsWith("[")) {
      return host.toLowerCase(Locale.ROOT);
    }
    if (host.indexOf('%') >= 0) {
      throw new IllegalArgumentException("names an IPv6 zone, which is refused");
    }
    try {
      // A literal: nothing is looked up.
      InetAddress address = InetAddress.getByName(host);
      String text = address.getHostAddress();
      return text.indexOf(':') >= 0 ? "[" + text + "]" : text;
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("names no host that is a DNS name or an IP address");
    }
  }

  private static List<String> segments(Scheme scheme, String rawPath) {
    List<String> segments = new ArrayList<>();
    int start = 1;
    while (start <= rawPath.length()) {
      int end = rawPath.indexOf('/', start);
      end = end < 0 ? rawPath.length() : end;
      segments.add(segment(scheme, rawPath.substring(start, end)));
      start = end + 1;
    }
    return List.copyOf(segments);
  }

  private static String segment(Scheme scheme, String raw) {
    String decoded = decode(raw);
    // Some servers cut parameters off a segment before they look for dots.
    int parameters = decoded.indexOf(';');
    String name = parameters < 0 ? decoded : decoded.substring(0, parameters);
    if (name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException("has a segment of dots, which is refused");
    }
    if (decoded.chars().anyMatch(c -> c == '/' || c == '\\' || Character.isISOControl(c))) {
      throw new IllegalArgumentException(
          "has an encoded slash, backslash or control character, which is refused");
    }
    boolean web = scheme == Scheme.HTTP || scheme == Scheme.HTTPS;
    if (web && ENCODED_AGAIN.matcher(decoded).find()) {
      throw new IllegalArgumentException("is percent-encoded twice, which is refused");
    }
    return decoded;
  }

  /** Strict, unlike {@link URI#getPath}, which replaces bytes that aren't UTF-8. */
  private static String decode(String raw) {
    if (raw.indexOf('%') < 0) {
      return raw;
    }
    byte[] bytes = new byte[raw.length()];
    int length = 0;
    for (int i = 0; i < raw.length(); i++) {
      if (raw.charAt(i) == '%') {
        bytes[length++] = (byte) Integer.parseInt(raw.substring(i + 1, i + 3), 16);
        i += 2;
      } else {
        bytes[length++] = (byte) raw.charAt(i);
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("has percent-encoded bytes that aren't UTF-8");
    }
  }
}
