package io.atrous.settings;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a camera, or the path of what stands for one. User-info and query may be secrets:
 * {@link #toString} leaves them out.
 *
 * <p>Cameras' addresses are often no URLs by the book, above all their passwords, so this is more
 * lenient than {@link java.net.URI}: the user-info ends with the last {@code @} before a slash.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class CameraUrl {

  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://.*");
  private static final Pattern NETWORK =
      Pattern.compile(
          "[^/]+://(?:(?<user>[^/?]*)@)?"
              + "(?<host>[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+])(?::(?<port>[0-9]{1,5}))?"
              + "(?<path>/[^?]*)?(?:\\?(?<query>.*))?");
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\s\\p{Cntrl}]");
  private static final Pattern PLAYLIST = Pattern.compile(".*\\.m3u8?", Pattern.CASE_INSENSITIVE);
  private static final String FILE_SCHEME = "file";
  private static final String DEVICE_FOLDER = "/dev/";
  private static final int LAST_PORT = 65_535;
  private static final int MAX_CHARS = 4096;

  private static final Map<String, Kind> BY_SCHEME =
      Map.of(
          "rtsp", Kind.RTSP,
          "rtsps", Kind.RTSP,
          "http", Kind.HTTP,
          "https", Kind.HTTP);

  /** How pictures are had from an address. */
  public enum Kind {
    RTSP,
    /** An endless answer, such as multipart JPEGs. */
    HTTP,
    /** HTTP Live Streaming: a list of short files. */
    PLAYLIST,
    /** Video4Linux. */
    DEVICE,
    /** A file or a folder of this machine. */
    PATH
  }

  private final Kind kind;
  private final String text;
  private final String shown;
  private final List<String> secrets;

  private CameraUrl(Kind kind, String text, String shown, List<String> secrets) {
    this.kind = kind;
    this.text = text;
    this.shown = shown;
    this.secrets = List.copyOf(secrets);
  }

  /**
   * Reads an address: {@code rtsp://}, {@code rtsps://}, {@code http://}, {@code https://}, {@code
   * file:///} or a path.
   *
   * @throws IllegalArgumentException in one sentence without what may be secret, if it is none
   */
  public static CameraUrl parse(String text) {
    if (text.isEmpty() || text.length() > MAX_CHARS) {
      throw new IllegalArgumentException("an address has 1 to " + MAX_CHARS + " characters");
    }
    Matcher scheme = SCHEME.matcher(text);
    if (!scheme.matches()) {
      return path(text);
    }
    String name = scheme.group(1).toLowerCase(Locale.ROOT);
    if (name.equals(FILE_SCHEME)) {
      return path(text.substring(FILE_SCHEME.length() + "://".length()));
    }
    Kind kind = BY_SCHEME.get(name);
    if (kind == null) {
      throw new IllegalArgumentException(
          "'%s://' is not known; it is one of rtsp://, rtsps://, http://, https://, file:/// or a"
                  .formatted(name)
              + " path");
    }
    return network(kind, name, text);
  }

  private static CameraUrl path(String path) {
    if (path.indexOf(0) >= 0) {
      throw new IllegalArgumentException("the path holds a character that no path can have");
    }
    if (!path.startsWith("/") && path.startsWith("-")) {
      throw new IllegalArgumentException("the path '%s' begins with a dash".formatted(path));
    }
    boolean device = path.startsWith(DEVICE_FOLDER);
    return new CameraUrl(device ? Kind.DEVICE : Kind.PATH, path, path, List.of());
  }

  private static CameraUrl network(Kind kind, String scheme, String text) {
    if (UNPRINTABLE.matcher(text).find()) {
      throw new IllegalArgumentException(
          "the address holds a space or control character; write it as %20 or so");
    }
    Matcher parts = NETWORK.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "it is no address such as %s://user:password@host:port/path; in user and password, write"
                  .formatted(scheme)
              + " '/' and '?' as %2F and %3F");
    }
    String port = parts.group("port");
    if (port != null && (Integer.parseInt(port) == 0 || Integer.parseInt(port) > LAST_PORT)) {
      throw new IllegalArgumentException("the port " + port + " is none of 1 to " + LAST_PORT);
    }
    String path = Objects.requireNonNullElse(parts.group("path"), "");
    List<String> secrets = new ArrayList<>();
    String user = parts.group("user");
    if (user != null) {
      secrets.add(user);
      String password = user.substring(user.indexOf(':') + 1);
      secrets.add(password);
      secrets.add(decoded(password));
    }
    String query = parts.group("query");
    if (query != null) {
      secrets.add(query);
    }
    secrets.removeIf(String::isEmpty);
    String shown =
        scheme
            + "://"
            + (user == null ? "" : "***@")
            + parts.group("host")
            + (port == null ? "" : ":" + port)
            + path
            + (query == null ? "" : "?***");
    boolean playlist = kind == Kind.HTTP && PLAYLIST.matcher(path).matches();
    return new CameraUrl(playlist ? Kind.PLAYLIST : kind, text, shown, secrets);
  }

  /** Returns a password as the camera sees it; as it is written if it is not percent-encoded. */
  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  public Kind kind() {
    return kind;
  }

  /** The whole address, with what is secret; a path without its scheme. */
  public String text() {
    return text;
  }

  /** The parts that nobody should read in a log: user-info, password and query, if it has them. */
  public List<String> secrets() {
    return secrets;
  }

  /** The address without user-info and query. */
  @Override
  public String toString() {
    return shown;
  }
}
