package io.atrous.settings;

import io.atrous.settings.CameraSettings.Size;
import io.atrous.settings.CameraSettings.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** The keys of single cameras: {@code camera.NAME.url} and its companions. */
public final class CameraKeys {

  static final String PREFIX = "camera.";

  private static final String URL = "url";
  private static final String FPS = "fps";
  private static final String SIZE = "size";
  private static final String TRANSPORT = "transport";
  private static final String ARGS = "args";
  private static final String LOOP = "loop";

  /** What can be said of a camera, and what it means. */
  static final Map<String, String> PROPERTIES = new TreeMap<>();

  static {
    PROPERTIES.put(
        URL,
        "Where the camera is: rtsp://, rtsps://, http:// or https:// (MJPEG, or HLS if the path ends"
            + " with .m3u8), /dev/video0, a video file, or a folder of images. Required.");
    PROPERTIES.put(
        FPS,
        "The most frames per second; all that come if not set. A folder of images has one per"
            + " second if not set.");
    PROPERTIES.put(
        SIZE, "Pictures are scaled to this, such as 1280x720; left as they are if not set.");
    PROPERTIES.put(TRANSPORT, "How RTSP sends pictures: tcp (the default) or udp.");
    PROPERTIES.put(
        ARGS,
        "More options of ffmpeg for this input, separated by spaces; quotes hold an option with"
            + " spaces together.");
    PROPERTIES.put(
        LOOP,
        "Whether a file or folder begins again when it is over: false (the default) or true.");
  }

  private static final Pattern KEY = Pattern.compile("camera\\.(.+)\\.([^.]+)");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");
  private static final Pattern SIZE_SYNTAX = Pattern.compile("([1-9][0-9]{0,4})x([1-9][0-9]{0,4})");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|([^\\s\"']+)");
  private static final Pattern WORDS =
      Pattern.compile("\\s*(?:(?:\"[^\"]*\"|'[^']*'|[^\\s\"']+)(?:\\s+|$))*");
  private static final double MAX_FRAMES_PER_SECOND = 240;
  private static final int MAX_CAMERAS = 256;

  private CameraKeys() {}

  /** The key of a camera's address. */
  public static String url(String name) {
    return key(name, URL);
  }

  private static String key(String name, String property) {
    return PREFIX + name + "." + property;
  }

  /** Returns whether a key has the form of a camera's, whatever it is about. */
  static boolean isKey(String key) {
    return KEY.matcher(key).matches();
  }

  /**
   * Adds cameras that were named on the command line, as {@code NAME=URL}.
   *
   * @throws ConfigException in one sentence, if one is no such text, or is there already
   */
  public static void add(List<String> named, Map<String, String> settings) {
    for (String camera : named) {
      int equals = camera.indexOf('=');
      if (equals < 1) {
        throw new ConfigException(
            "--camera takes NAME=URL, such as gate=rtsp://camera.example/stream");
      }
      String name = camera.substring(0, equals);
      if (settings.putIfAbsent(url(name), camera.substring(equals + 1).strip()) != null) {
        throw new ConfigException(
            "The camera '%s' is given twice; keep one of them".formatted(name));
      }
    }
  }

  /**
   * Reads the cameras, in the order of their names.
   *
   * @param settings all settings, of which those of cameras are read
   * @throws ConfigException in one sentence that names the key and holds no secret, if there is no
   *     camera, or one of them is impossible
   */
  static List<CameraSettings> cameras(Map<String, ?> settings, Set<String> otherKeys) {
    Set<String> names = new TreeSet<>();
    settings.keySet().stream()
        .filter(key -> !otherKeys.contains(key))
        .map(KEY::matcher)
        .filter(Matcher::matches)
        .forEach(key -> names.add(checkedName(key)));
    if (names.isEmpty()) {
      throw new ConfigException(
          "There is no camera: set '%s', or give --camera NAME=URL".formatted(url("NAME")));
    }
    if (names.size() > MAX_CAMERAS) {
      throw new ConfigException(
          "%d cameras are more than the %d of one process; start another"
              .formatted(names.size(), MAX_CAMERAS));
    }
    return names.stream().map(name -> camera(name, settings)).toList();
  }

  private static String checkedName(Matcher key) {
    if (!NAME.matcher(key.group(1)).matches()) {
      throw new ConfigException(
          "'%s': a camera's name has letters, digits, '-' and '_', and 64 characters at most"
              .formatted(key.group()));
    }
    if (!PROPERTIES.containsKey(key.group(2))) {
      throw new ConfigException(
          "Unknown key '%s'; did you mean '%s'?"
              .formatted(
                  key.group(),
                  key(key.group(1), NearestKey.to(key.group(2), PROPERTIES.keySet()))));
    }
    return key.group(1);
  }

  private static CameraSettings camera(String name, Map<String, ?> settings) {
    String url = value(settings, key(name, URL));
    if (url == null) {
      throw new ConfigException(
          "The camera '%s' has no address: set '%s'".formatted(name, url(name)));
    }
    return new CameraSettings(
        name,
        Values.checked(url(name), () -> CameraUrl.parse(url)),
        read(settings, key(name, FPS), CameraKeys::framesPerSecond),
        read(settings, key(name, SIZE), CameraKeys::size),
        read(settings, key(name, TRANSPORT), Transport.TCP, CameraKeys::transport),
        read(settings, key(name, ARGS), List.of(), CameraKeys::words),
        read(settings, key(name, LOOP), false, CameraKeys::flag));
  }

  private interface Reader<T> {
    T read(String text);
  }

  private static <T> T read(Map<String, ?> settings, String key, T otherwise, Reader<T> reader) {
    return Objects.requireNonNullElse(read(settings, key, reader), otherwise);
  }

  private static <T> @Nullable T read(Map<String, ?> settings, String key, Reader<T> reader) {
    String text = value(settings, key);
    return text == null ? null : Values.checked(key, () -> reader.read(text));
  }

  private static @Nullable String value(Map<String, ?> settings, String key) {
    Object value = settings.get(key);
    return value == null ? null : value.toString().strip();
  }

  private static Double framesPerSecond(String text) {
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (!(value >= 0.001 && value <= MAX_FRAMES_PER_SECOND)) {
      throw new IllegalArgumentException(
          "'%s' is no number from 0.001 to %.0f".formatted(text, MAX_FRAMES_PER_SECOND));
    }
    return value;
  }

  private static Size size(String text) {
    Matcher sides = SIZE_SYNTAX.matcher(text);
    if (!sides.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no size such as 1280x720");
    }
    return new Size(Integer.parseInt(sides.group(1)), Integer.parseInt(sides.group(2)));
  }

  private static Transport transport(String text) {
    for (Transport transport : Transport.values()) {
      if (transport.name().toLowerCase(Locale.ROOT).equals(text)) {
        return transport;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is neither tcp nor udp");
  }

  private static Boolean flag(String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw new IllegalArgumentException("'" + text + "' is neither true nor false");
    }
    return Boolean.valueOf(text);
  }

  private static List<String> words(String text) {
    if (!WORDS.matcher(text).matches()) {
      throw new IllegalArgumentException("a quote is not closed, or stands within a word");
    }
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(text);
    while (word.find()) {
      String quoted = word.group(1) == null ? word.group(2) : word.group(1);
      words.add(quoted == null ? word.group(3) : quoted);
    }
    return words;
  }
}
