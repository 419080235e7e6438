package io.atrous.demo;

import io.atrous.embedded.FrameSender;
import io.atrous.event.FrameEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Cameras that take pictures at a steady rate, each with a random phase of its own, and send them
 * to a partition of their own as far as there are enough.
 *
 * <p>A camera skips a picture while too many frames wait for an answer, as cameras without a disk
 * do: so a demo on a slow machine ends, and no frame that was sent is ever given up.
 *
 * <p><b>Threading:</b> one thread per camera; the counters may be read from anywhere. Owns the
 * sender.
 */
final class CameraFleet implements AutoCloseable {

  private static final long JOIN_MILLIS = 2_000;

  private final List<Thread> threads = new ArrayList<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final AtomicLong skipped = new AtomicLong();
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  private final FrameSender sender;
  private final Settings settings;
  private final LongSupplier answered;
  private final Consumer<CameraFrame> observer;

  /**
   * How a fleet films.
   *
   * @param topic the place where frames go
   * @param partitions the number of its partitions, which cameras take in turns
   * @param framesPerSecond the frames per second of each camera
   * @param seconds the time to film, in seconds
   * @param maxUnanswered frames in flight beyond which cameras skip
   */
  record Settings(
      String topic, int partitions, double framesPerSecond, double seconds, int maxUnanswered) {}

  /**
   * @param answered the number of frames that have come out so far
   * @param observer the hearer of each frame before it is sent, on its camera's thread
   */
  CameraFleet(
      FrameSender sender,
      Settings settings,
      LongSupplier answered,
      Consumer<CameraFrame> observer) {
    this.sender = sender;
    this.settings = settings;
    this.answered = answered;
    this.observer = observer;
  }

  /** Switches the cameras on. */
  void start(List<Camera> cameras) {
    double periodSeconds = 1 / settings.framesPerSecond();
    SplittableRandom phases = new SplittableRandom();
    for (int i = 0; i < cameras.size(); i++) {
      int partition = i % settings.partitions();
      double phaseSeconds = phases.nextDouble(periodSeconds);
      Camera camera = cameras.get(i);
      threads.add(new Thread(() -> film(camera, partition, phaseSeconds), "camera-" + i));
    }
    threads.forEach(Thread::start);
  }

  /** Frames that the broker has. */
  long framesIn() {
    return sender.acknowledged();
  }

  /** Pictures not taken because too many waited. */
  long framesSkipped() {
    return skipped.get();
  }

  /** True once no camera will send any more and all sends are acknowledged. */
  boolean isDone() {
    return threads.stream().noneMatch(Thread::isAlive) && sender.acknowledged() == sender.sent();
  }

  /** Returns the exception that made a camera stop early, if any. */
  Optional<Exception> failure() {
    return Optional.ofNullable(failure.get()).or(sender::failure);
  }

  /** Switches the cameras off; what they have sent is on its way. */
  void stop() {
    stopped.countDown();
  }

  @Override
  public void close() {
    stop();
    try {
      for (Thread camera : threads) {
        camera.join(JOIN_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sender.close();
  }

  private void film(Camera camera, int partition, double phaseSeconds) {
    long startNanos = System.nanoTime();
    double periodSeconds = 1 / settings.framesPerSecond();
    long sequence = 0;
    try {
      for (long shot = 0; ; shot++) {
        double dueSeconds = phaseSeconds + shot * periodSeconds;
        long waitNanos = startNanos + (long) (dueSeconds * 1e9) - System.nanoTime();
        if (dueSeconds >= settings.seconds()
            || stopped.await(Math.max(0, waitNanos), TimeUnit.NANOSECONDS)) {
          return;
        }
        if (sender.sent() - answered.getAsLong() >= settings.maxUnanswered()) {
          skipped.incrementAndGet();
          continue;
        }
        CameraFrame frame = camera.capture(sequence, dueSeconds);
        if (frame == null) {
          return;
        }
        send(partition, frame);
        sequence++;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      failure.compareAndSet(null, e);
    }
  }

  private void send(int partition, CameraFrame frame) {
    FrameEvent event =
        new FrameEvent(
            frame.label(),
            frame.cameraId(),
            frame.sequence(),
            frame.capturedAt(),
            frame.encoding(),
            null,
            null,
            ByteBuffer.wrap(frame.payload()),
            Map.of(),
            null,
            null);
    observer.accept(frame);
    sender.send(settings.topic(), partition, event);
  }
}
