package io.atrous.ingest;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * The meters of one camera, which exist from the start. A camera is a label here, since the list of
 * cameras is configured.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class IngestMetrics {

  private static final String CAMERA = "camera";

  private final LongSupplier nanoTime;
  private final Counter sent;
  private final Counter bytes;
  private final Counter restarts;
  private final Map<DropReason, Counter> dropped = new EnumMap<>(DropReason.class);
  private volatile boolean connected;
  private volatile long lastFrameNanos;

  /**
   * Registers the meters.
   *
   * @param registry stays the caller's
   * @param nanoTime the clock of the last frame's age
   */
  IngestMetrics(MeterRegistry registry, String camera, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.lastFrameNanos = nanoTime.getAsLong();
    this.sent =
        Counter.builder("atrous.ingest.frames.sent")
            .description("Frames that Kafka has")
            .tag(CAMERA, camera)
            .register(registry);
    this.bytes =
        Counter.builder("atrous.ingest.sent")
            .description("Bytes of those frames' pictures, wherever they lie")
            .baseUnit(BaseUnits.BYTES)
            .tag(CAMERA, camera)
            .register(registry);
    this.restarts =
        Counter.builder("atrous.ingest.restarts")
            .description("New starts of the camera's ffmpeg after it ended or stalled")
            .tag(CAMERA, camera)
            .register(registry);
    for (DropReason reason : DropReason.values()) {
      dropped.put(
          reason,
          Counter.builder("atrous.ingest.frames.dropped")
              .description("Pictures that did not become frames on Kafka, by why")
              .tag(CAMERA, camera)
              .tag("reason", reason.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    Gauge.builder("atrous.ingest.connected", this, meters -> meters.connected ? 1 : 0)
        .description("1 while pictures come from the camera")
        .tag(CAMERA, camera)
        .strongReference(true)
        .register(registry);
    Gauge.builder("atrous.ingest.last.frame.age", this, IngestMetrics::lastFrameAgeSeconds)
        .description("Time since the camera's last picture, or since the start")
        .baseUnit("seconds")
        .tag(CAMERA, camera)
        .strongReference(true)
        .register(registry);
  }

  void sent(int pictureBytes) {
    sent.increment();
    bytes.increment(pictureBytes);
  }

  void dropped(DropReason reason) {
    Objects.requireNonNull(dropped.get(reason)).increment();
  }

  void restarted() {
    restarts.increment();
  }

  /** Notes that a picture came. */
  void arrived() {
    connected = true;
    lastFrameNanos = nanoTime.getAsLong();
  }

  /** Notes that the stream is over. */
  void disconnected() {
    connected = false;
  }

  boolean isConnected() {
    return connected;
  }

  long framesSent() {
    return (long) sent.count();
  }

  long framesDropped() {
    return (long) dropped.values().stream().mapToDouble(Counter::count).sum();
  }

  double lastFrameAgeSeconds() {
    return (nanoTime.getAsLong() - lastFrameNanos) / 1e9;
  }
}
