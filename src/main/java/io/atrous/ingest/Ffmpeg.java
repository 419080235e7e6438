package io.atrous.ingest;

import io.atrous.event.UntrustedText;
import io.atrous.settings.IngestKeys;
import io.atrous.settings.StartException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The ffmpeg program of this machine, once it was found to be new enough.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param program a path, or a name that PATH leads to
 * @param version the version that it names
 */
record Ffmpeg(String program, String version) {

  /** The first version with {@code -fps_mode}. */
  private static final int MIN_MAJOR = 5;

  private static final int MIN_MINOR = 1;

  private static final long PATIENCE_SECONDS = 10;
  private static final int MAX_OUTPUT_BYTES = 4 << 10;

  /** Programs that were built from no release have another version, and are taken to be new. */
  private static final Pattern VERSION = Pattern.compile("ffmpeg version (\\S+).*", Pattern.DOTALL);

  private static final Pattern RELEASE = Pattern.compile("n?(\\d+)\\.(\\d+)\\D?.*");

  private static final String HOW_TO_GET_IT =
      "install ffmpeg %d.%d or newer (apt-get install ffmpeg, dnf install ffmpeg-free, brew install"
              .formatted(MIN_MAJOR, MIN_MINOR)
          + " ffmpeg), or set '"
          + IngestKeys.FFMPEG
          + "' to its path";

  /**
   * Finds the program.
   *
   * @throws StartException in one sentence that says how to get it, if it is missing or too old
   */
  static Ffmpeg find(String program) throws InterruptedException {
    String output = askVersion(program);
    Matcher version = VERSION.matcher(output);
    if (!version.matches()) {
      throw new StartException(
          "'%s' does not say that it is ffmpeg: %s".formatted(program, HOW_TO_GET_IT));
    }
    Matcher release = RELEASE.matcher(version.group(1));
    if (release.matches() && isTooOld(release)) {
      throw new StartException(
          "'%s' is ffmpeg %s, which is too old: %s"
              .formatted(program, UntrustedText.oneLine(version.group(1)), HOW_TO_GET_IT));
    }
    return new Ffmpeg(program, version.group(1));
  }

  private static boolean isTooOld(Matcher release) {
    long major = Long.parseLong(release.group(1));
    long minor = Long.parseLong(release.group(2));
    return major < MIN_MAJOR || (major == MIN_MAJOR && minor < MIN_MINOR);
  }

  private static String askVersion(String program) throws InterruptedException {
    Process process;
    try {
      process =
          new ProcessBuilder(program, "-hide_banner", "-version").redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new StartException(
          "There is no program '%s', by which cameras are read: %s"
              .formatted(program, HOW_TO_GET_IT),
          e);
    }
    try (InputStream output = process.getInputStream()) {
      process.getOutputStream().close();
      // It writes less than a pipe holds, so it ends before it is read.
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new StartException(
            "'%s' does not say its version within %d s: %s"
                .formatted(program, PATIENCE_SECONDS, HOW_TO_GET_IT));
      }
      return new String(output.readNBytes(MAX_OUTPUT_BYTES), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new StartException("'%s' can't be asked for its version: %s".formatted(program, e), e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** Returns the command line that runs it with these arguments. */
  List<String> command(List<String> arguments) {
    return Stream.concat(Stream.of(program), arguments.stream()).toList();
  }
}
