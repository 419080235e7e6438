package io.atrous.ingest;

import io.atrous.settings.CameraPolicy;
import io.atrous.settings.CameraSettings;
import io.atrous.settings.CameraUrl.Kind;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an ffmpeg running for a camera, and hands on the pictures that it writes. An ffmpeg that
 * ends, or writes no picture for too long, is started anew after a pause; each start is a session.
 * A file or folder that is to be read once is over when its ffmpeg ends.
 *
 * <p>Whether pictures are passed through is guessed for the first start, and known from then on: if
 * the guess was wrong, ffmpeg is started again at once.
 *
 * <p><b>Threading:</b> {@link #run} has a thread of its own, on which a read may hang; {@link
 * #checkStall} and {@link #stop} come from others.
 */
final class CameraReader {

  private static final Logger LOG = LoggerFactory.getLogger(CameraReader.class);

  private static final String JPEG_CODEC = "mjpeg";

  private final CameraSettings camera;
  private final CameraPolicy policy;
  private final Ffmpeg ffmpeg;
  private final FfmpegArguments arguments;
  private final Masking masking;
  private final NewestPictures pictures;
  private final IngestMetrics metrics;
  private final LongSupplier nanoTime;
  private final ArrivalClock arrivals;
  private final RestartPauses pauses;
  private final Duration stall;
  private final CountDownLatch stopping = new CountDownLatch(1);

  private volatile @Nullable Stream stream;
  private volatile boolean passesThrough;
  private boolean misguessed;

  /** One run of ffmpeg. */
  private final class Stream {

    private final FfmpegProcess process;
    private final long startNanos = nanoTime.getAsLong();
    private volatile long lastSignNanos = startNanos;
    private volatile boolean stalled;
    private long frames;
    private long firstFrameNanos;

    Stream(FfmpegProcess process) {
      this.process = process;
    }

    void checkStall(long nowNanos) {
      if (nowNanos - lastSignNanos > stall.toNanos()) {
        stalled = true;
        process.kill();
      }
    }

    void arrived() {
      lastSignNanos = nanoTime.getAsLong();
      if (frames++ == 0) {
        firstFrameNanos = lastSignNanos;
        LOG.info(
            "Camera {}: pictures come from {}{}",
            camera.name(),
            camera.url(),
            passesThrough ? ", and are passed through" : "");
      }
      metrics.arrived();
    }

    /** Returns whether pictures came for as long as none may be missing. */
    boolean wasSteady() {
      return frames > 0 && lastSignNanos - firstFrameNanos >= stall.toNanos();
    }
  }

  /**
   * @param pictures takes the pictures
   * @param clock says when they arrive
   * @param nanoTime measures how long none did
   */
  CameraReader(
      CameraSettings camera,
      CameraPolicy policy,
      Ffmpeg ffmpeg,
      NewestPictures pictures,
      IngestMetrics metrics,
      Clock clock,
      LongSupplier nanoTime) {
    this.camera = camera;
    this.policy = policy;
    this.ffmpeg = ffmpeg;
    this.arguments = FfmpegArguments.of(camera, policy.stall());
    this.masking = new Masking(camera.url());
    this.pictures = pictures;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    this.arrivals = new ArrivalClock(clock);
    this.pauses = new RestartPauses(policy.firstPause(), policy.longestPause());
    this.stall = policy.stall().plus(arguments.interval());
    this.passesThrough = arguments.filmsJpegs() && arguments.mayPassThrough();
  }

  /** Reads until the source is over, or {@link #stop}. */
  void run() throws InterruptedException {
    boolean over = false;
    while (!over && stopping.getCount() > 0) {
      over = readOnce();
    }
  }

  /** Kills an ffmpeg that has written no picture for too long. */
  void checkStall() {
    Stream current = stream;
    if (current != null) {
      current.checkStall(nanoTime.getAsLong());
    }
  }

  /** Ends the reading soon. */
  void stop() {
    stopping.countDown();
    Stream current = stream;
    if (current != null) {
      current.process.kill();
    }
  }

  /** Runs ffmpeg once; returns whether the source is over. */
  private boolean readOnce() throws InterruptedException {
    boolean begunPassing = passesThrough;
    try (FfmpegProcess process =
        FfmpegProcess.start(
            ffmpeg.command(arguments.list(begunPassing)),
            camera.name(),
            masking,
            codec -> learn(codec, begunPassing))) {
      Stream current = new Stream(process);
      stream = current;
      if (stopping.getCount() == 0) {
        return true;
      }
      read(current, begunPassing);
      int exitCode = process.await();
      // Twice in a row it is no wrong guess, but a camera that is never the same.
      misguessed = passesThrough != begunPassing && !misguessed;
      return stopping.getCount() == 0 || (!misguessed && ended(current, exitCode));
    } catch (IOException | RuntimeException e) {
      metrics.restarted();
      LOG.warn("Camera {}: ffmpeg can't be run", camera.name(), e);
      pause(false);
      return false;
    } finally {
      stream = null;
      metrics.disconnected();
    }
  }

  /** Has ffmpeg start again if its pictures are not what was thought. */
  private void learn(String codec, boolean begunPassing) {
    passesThrough = codec.equals(JPEG_CODEC) && arguments.mayPassThrough();
    Stream current = stream;
    if (passesThrough != begunPassing && current != null) {
      current.process.kill();
    }
  }

  private void read(Stream current, boolean passing) throws IOException, InterruptedException {
    JpegSplitter splitter =
        new JpegSplitter(current.process.pictures(), policy.maxFrameBytes(), metrics::dropped);
    FrameRateLimit limit =
        new FrameRateLimit(
            passing ? arguments.rateLimit().orElse(FrameRateLimit.NONE) : FrameRateLimit.NONE);
    String session = UUID.randomUUID().toString();
    boolean known = false;
    for (byte[] jpeg = next(splitter); jpeg != null; jpeg = next(splitter)) {
      if (!known) {
        current.process.awaitCodec();
        known = true;
      }
      if (passesThrough != passing) {
        return;
      }
      current.arrived();
      if (limit.admits(nanoTime.getAsLong())
          && pictures.add(new Picture(session, arrivals.next(), jpeg))) {
        metrics.dropped(DropReason.OVERFLOW);
      }
    }
  }

  /** Returns the next picture; null at the end, which is also an ffmpeg that was killed. */
  private byte @Nullable [] next(JpegSplitter splitter) {
    try {
      return splitter.next();
    } catch (IOException e) {
      LOG.debug("Camera {}: the stream breaks off", camera.name(), e);
      return null;
    }
  }

  /** Says how a stream ended, and waits before the next; returns whether the source is over. */
  private boolean ended(Stream ended, int exitCode) throws InterruptedException {
    String complaint = ended.process.complaint();
    String end =
        "%s after %d pictures%s"
            .formatted(
                ended.stalled
                    ? "no picture came for " + stall.toMillis() + " ms"
                    : "ffmpeg ended with exit code " + exitCode,
                ended.frames,
                complaint.isEmpty() ? "" : ": " + complaint);
    if (camera.url().kind() == Kind.PATH && !camera.loops()) {
      if (ended.frames == 0 || exitCode != 0) {
        LOG.error("Camera {} is over: {}", camera.name(), end);
      } else {
        LOG.info("Camera {} is over after {} pictures", camera.name(), ended.frames);
      }
      return true;
    }
    LOG.warn("Camera {}: {}", camera.name(), end);
    metrics.disconnected();
    metrics.restarted();
    pause(ended.wasSteady());
    return false;
  }

  private void pause(boolean steady) throws InterruptedException {
    Duration pause = pauses.next(steady);
    LOG.debug("Camera {}: starting ffmpeg in {} ms", camera.name(), pause.toMillis());
    var unused = stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS);
  }
}
