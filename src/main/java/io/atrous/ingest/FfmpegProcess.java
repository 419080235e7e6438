package io.atrous.ingest;

import io.atrous.event.UntrustedText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An ffmpeg that runs for a camera. What it says is read, so that it never waits for a reader, and
 * logged without the address's secrets; of all that, the last complaint is kept.
 *
 * <p>What kind of pictures its input has, ffmpeg says before the first of them. To ask {@code
 * ffprobe} for it would open the camera twice, and cameras have few connections.
 *
 * <p><b>Threading:</b> {@link #pictures} belongs to one thread, {@link #kill} may come from any. A
 * daemon thread reads standard error. Owns the process; should this JVM be killed, ffmpeg ends when
 * it next writes, or when its input has been silent for long.
 */
final class FfmpegProcess implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FfmpegProcess.class);

  private static final Pattern VIDEO = Pattern.compile(".*Stream #\\d+:\\d+.*: Video: (\\w+).*");
  private static final Pattern COMPLAINT =
      Pattern.compile("(?:\\[[^]]* @ [^]]*] )*\\[(?:error|fatal|panic)] (.*)");

  /** More than an address has, so that a secret is masked before it is cut. */
  private static final int MAX_LINE_CHARS = 16 << 10;

  private static final int MAX_LOGGED_CHARS = 500;
  private static final int READ_BYTES = 4 << 10;
  private static final long END_SECONDS = 5;

  private final Process process;
  private final String camera;
  private final Masking masking;
  private final CompletableFuture<String> codec = new CompletableFuture<>();
  private final Thread listener;
  private volatile String complaint = "";

  private FfmpegProcess(Process process, String camera, Masking masking) {
    this.process = process;
    this.camera = camera;
    this.masking = masking;
    this.listener = new Thread(this::listen, "ffmpeg-" + camera);
    listener.setDaemon(true);
  }

  /**
   * Starts it.
   *
   * @param camera the camera's name, for the log
   * @param masking hides the secrets of its address
   * @param onCodec hears what kind of pictures the input has, on another thread
   */
  static FfmpegProcess start(
      List<String> command, String camera, Masking masking, Consumer<String> onCodec)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("ATROUS_"));
    builder.environment().put("AV_LOG_FORCE_NOCOLOR", "1");
    Process process = builder.start();
    process.getOutputStream().close();
    FfmpegProcess ffmpeg = new FfmpegProcess(process, camera, masking);
    var unused = ffmpeg.codec.thenAccept(onCodec);
    ffmpeg.listener.start();
    return ffmpeg;
  }

  /** Its standard output. */
  InputStream pictures() {
    return process.getInputStream();
  }

  /** Waits until it is known what kind of pictures the input has, or will never be. */
  void awaitCodec() throws InterruptedException {
    try {
      var unused = codec.get(END_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("Camera {}: ffmpeg does not say what kind of pictures come", camera);
    }
  }

  private void listen() {
    StringBuilder line = new StringBuilder();
    byte[] bytes = new byte[READ_BYTES];
    try (InputStream errors = process.getErrorStream()) {
      for (int count = errors.read(bytes); count >= 0; count = errors.read(bytes)) {
        for (char c : new String(bytes, 0, count, StandardCharsets.UTF_8).toCharArray()) {
          if (c == '\n' || c == '\r') {
            said(line.toString());
            line.setLength(0);
          } else if (line.length() < MAX_LINE_CHARS) {
            line.append(c);
          }
        }
      }
    } catch (IOException e) {
      LOG.debug("Camera {}: the end of ffmpeg's words is missing", camera, e);
    } finally {
      said(line.toString());
      codec.completeExceptionally(new IOException("ffmpeg has ended"));
    }
  }

  private void said(String written) {
    if (written.isBlank()) {
      return;
    }
    Matcher video = VIDEO.matcher(written);
    if (video.matches()) {
      codec.complete(video.group(1));
    }
    String line = UntrustedText.oneLine(masking.mask(written), MAX_LOGGED_CHARS);
    LOG.debug("Camera {}: {}", camera, line);
    Matcher complained = COMPLAINT.matcher(line);
    if (complained.matches()) {
      complaint = complained.group(1);
    }
  }

  /** Ends it at once. */
  void kill() {
    process.destroyForcibly();
  }

  /**
   * Waits for its end, and that all is read that it said.
   *
   * @return its exit code
   */
  int await() throws InterruptedException {
    if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      kill();
    }
    listener.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
    return process.waitFor();
  }

  /** Returns its last complaint; empty if it had none. */
  String complaint() {
    return complaint;
  }

  @Override
  public void close() {
    kill();
  }
}
