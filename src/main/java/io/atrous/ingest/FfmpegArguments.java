package io.atrous.ingest;

import io.atrous.dataset.ImageFolder;
import io.atrous.settings.CameraKeys;
import io.atrous.settings.CameraSettings;
import io.atrous.settings.CameraUrl.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.ConfigException;

/**
 * What ffmpeg is told for a camera: how to open the input, and to write its pictures to standard
 * output as JPEGs, one after the other.
 *
 * <p>A camera's own timestamps decide nothing: of live inputs ffmpeg takes the time of arrival, and
 * frames are passed on as they come.
 *
 * <p><b>Threading:</b> immutable.
 */
final class FfmpegArguments {

  /** From 2, the best, to 31. */
  private static final String JPEG_QUALITY = "3";

  private static final String TIME_BASE = "1/1000";

  /**
   * ffmpeg gives up when two frames have one time, or times run backwards, as those of cameras do:
   * the encoder sees frames' numbers instead, and so does what writes copied frames.
   */
  private static final String NUMBERS_AS_TIMES = "settb=" + TIME_BASE + ",setpts=N";

  /** If this process is killed, ffmpeg ends once its input has been silent for so many stalls. */
  private static final int STALLS_UNTIL_IT_ENDS = 3;

  private static final double FOLDER_FRAMES_PER_SECOND = 1;
  private static final String JPEG_FILES = "/*.[jJ][pP]*[gG]";
  private static final String PNG_FILES = "/*.[pP][nN][gG]";

  private final CameraSettings camera;
  private final List<String> input;
  private final boolean filmsJpegs;
  private final OptionalDouble rateLimit;

  /**
   * @param input the options of the input, and the input
   * @param filmsJpegs whether the input probably has JPEGs already
   * @param rateLimit the frames per second that are wanted, where the input may have more
   */
  private FfmpegArguments(
      CameraSettings camera, List<String> input, boolean filmsJpegs, OptionalDouble rateLimit) {
    this.camera = camera;
    this.input = List.copyOf(input);
    this.filmsJpegs = filmsJpegs;
    this.rateLimit = rateLimit;
  }

  /**
   * Finds out how to read a camera.
   *
   * @param stall the time without a frame after which the camera counts as stalled
   * @throws ConfigException in one sentence, if it is a file or folder that can't be read
   */
  static FfmpegArguments of(CameraSettings camera, Duration stall) {
    Kind kind = camera.url().kind();
    long silenceMicros = TimeUnit.MILLISECONDS.toMicros(STALLS_UNTIL_IT_ENDS * stall.toMillis());
    List<String> input = new ArrayList<>();
    // Threads of a decoder hold frames back; an operator who needs them says so in args.
    input.addAll(List.of("-threads", "1"));
    switch (kind) {
      case RTSP ->
          input.addAll(
              List.of(
                  "-rtsp_transport",
                  camera.transport().name().toLowerCase(Locale.ROOT),
                  "-timeout",
                  String.valueOf(silenceMicros)));
      case HTTP -> input.addAll(List.of("-rw_timeout", String.valueOf(silenceMicros)));
      // The files of a playlist come in bursts, which are played at their own pace.
      case PLAYLIST -> input.addAll(List.of("-re", "-rw_timeout", String.valueOf(silenceMicros)));
      case DEVICE -> input.addAll(List.of("-f", "v4l2"));
      case PATH -> {
        return ofPath(camera, input);
      }
    }
    if (kind != Kind.PLAYLIST) {
      input.addAll(List.of("-use_wallclock_as_timestamps", "1"));
    }
    input.addAll(camera.arguments());
    input.addAll(List.of("-i", camera.url().text()));
    return new FfmpegArguments(camera, input, kind == Kind.HTTP, wantedRate(camera));
  }

  private static FfmpegArguments ofPath(CameraSettings camera, List<String> input) {
    Path path = Path.of(camera.url().text()).toAbsolutePath().normalize();
    input.add("-re");
    if (Files.isDirectory(path)) {
      return ofFolder(camera, path, input);
    }
    if (!Files.isReadable(path)) {
      throw refused(camera, "there is no file or folder " + path + " that can be read");
    }
    if (camera.loops()) {
      input.addAll(List.of("-stream_loop", "-1"));
    }
    input.addAll(camera.arguments());
    input.addAll(List.of("-i", "file:" + path));
    return new FfmpegArguments(camera, input, false, wantedRate(camera));
  }

  private static FfmpegArguments ofFolder(CameraSettings camera, Path folder, List<String> input) {
    List<Path> images;
    try {
      images = ImageFolder.images(folder);
    } catch (IOException e) {
      throw refused(camera, "the folder " + folder + " can't be read: " + e.getMessage());
    }
    long pngs = images.stream().filter(FfmpegArguments::isPng).count();
    if (images.isEmpty() || (pngs > 0 && pngs < images.size())) {
      throw refused(
          camera,
          "the folder %s must hold JPEG files, or PNG files; it has %s"
              .formatted(folder, images.isEmpty() ? "neither" : "both"));
    }
    input.addAll(
        List.of(
            "-f",
            "image2",
            "-framerate",
            String.valueOf(wantedRate(camera).orElse(FOLDER_FRAMES_PER_SECOND)),
            "-pattern_type",
            "glob",
            // A pattern's end does not tell it.
            "-c:v",
            pngs > 0 ? "png" : "mjpeg"));
    if (camera.loops()) {
      input.addAll(List.of("-loop", "1"));
    }
    input.addAll(camera.arguments());
    String pattern = folder.toString().replaceAll("([\\\\*?\\[\\]{}])", "\\\\$1");
    input.addAll(List.of("-i", pattern + (pngs > 0 ? PNG_FILES : JPEG_FILES)));
    return new FfmpegArguments(camera, input, pngs == 0, OptionalDouble.empty());
  }

  private static OptionalDouble wantedRate(CameraSettings camera) {
    Double wanted = camera.framesPerSecond();
    return wanted == null ? OptionalDouble.empty() : OptionalDouble.of(wanted);
  }

  private static boolean isPng(Path image) {
    return image.toString().toLowerCase(Locale.ROOT).endsWith(".png");
  }

  private static ConfigException refused(CameraSettings camera, String why) {
    return new ConfigException("'" + CameraKeys.url(camera.name()) + "': " + why);
  }

  /** Returns whether JPEGs of the input may be passed through as they are. */
  boolean mayPassThrough() {
    return camera.size() == null;
  }

  /** Returns whether the input probably has JPEGs, before ffmpeg has looked at it. */
  boolean filmsJpegs() {
    return filmsJpegs;
  }

  /** Returns the pictures per second of which whoever passes them through leaves out the rest. */
  OptionalDouble rateLimit() {
    return rateLimit;
  }

  /** Returns the time between two pictures at the wanted rate; zero if all are wanted. */
  Duration interval() {
    OptionalDouble wanted = wantedRate(camera);
    return wanted.isEmpty()
        ? Duration.ZERO
        : Duration.ofNanos(Math.round(1e9 / wanted.getAsDouble()));
  }

  /**
   * The arguments.
   *
   * @param passThrough whether the input's JPEGs are to be left as they are
   */
  List<String> list(boolean passThrough) {
    List<String> arguments =
        new ArrayList<>(List.of("-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+info"));
    arguments.addAll(input);
    arguments.addAll(List.of("-map", "0:v:0"));
    if (passThrough) {
      arguments.addAll(List.of("-c:v", "copy", "-bsf:v", "setts=ts=N"));
    } else {
      arguments.addAll(
          List.of(
              "-vf",
              filters(),
              "-fps_mode",
              "passthrough",
              "-enc_time_base",
              TIME_BASE,
              "-c:v",
              "mjpeg",
              "-q:v",
              JPEG_QUALITY,
              "-pix_fmt",
              "yuvj420p"));
    }
    arguments.addAll(List.of("-flush_packets", "1", "-f", "image2pipe", "pipe:1"));
    return arguments;
  }

  private String filters() {
    List<String> filters = new ArrayList<>();
    rateLimit.ifPresent(framesPerSecond -> filters.add(select(framesPerSecond)));
    if (camera.size() != null) {
      filters.add("scale=%d:%d".formatted(camera.size().width(), camera.size().height()));
    }
    filters.add(NUMBERS_AS_TIMES);
    return String.join(",", filters);
  }

  /**
   * A filter that does what {@link FrameRateLimit} does, so that nothing is encoded that is not
   * wanted. Unlike ffmpeg's own {@code fps} it doubles no frame, and time that runs backwards only
   * fills nothing into the bucket, which is variable 0.
   */
  private static String select(double framesPerSecond) {
    return ("select='st(0,min(%d,ld(0)+if(isnan(prev_t),1,max(0,t-prev_t)*%s)));"
            + "if(gte(ld(0),1),st(0,ld(0)-1)*0+1,0)'")
        .formatted(FrameRateLimit.BURST, framesPerSecond);
  }
}
