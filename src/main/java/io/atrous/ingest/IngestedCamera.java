package io.atrous.ingest;

import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A camera at work: a thread that reads its pictures, one that sends them, and the newest pictures
 * between the two.
 *
 * <p><b>Threading:</b> thread-safe. Owns both threads.
 */
final class IngestedCamera {

  private static final Logger LOG = LoggerFactory.getLogger(IngestedCamera.class);

  private final String name;
  private final CameraReader reader;
  private final NewestPictures pictures;
  private final IngestMetrics metrics;
  private final CompletableFuture<Void> over = new CompletableFuture<>();
  private final Thread reading;
  private final Thread sending;

  /** Work that may be interrupted. */
  private interface Work {
    void run() throws InterruptedException;
  }

  IngestedCamera(
      String name,
      CameraReader reader,
      CameraSender sender,
      NewestPictures pictures,
      IngestMetrics metrics) {
    this.name = name;
    this.reader = reader;
    this.pictures = pictures;
    this.metrics = metrics;
    this.reading = thread("camera-", reader::run, pictures::close);
    this.sending = thread("sender-", sender::run, () -> over.complete(null));
  }

  private Thread thread(String prefix, Work work, Runnable atEnd) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (InterruptedException e) {
                LOG.debug("Camera {} is given up", name);
              } finally {
                atEnd.run();
              }
            },
            prefix + name);
    thread.setDaemon(true);
    return thread;
  }

  void start() {
    sending.start();
    reading.start();
  }

  String name() {
    return name;
  }

  IngestMetrics metrics() {
    return metrics;
  }

  /** Completes when no more comes from the camera, and Kafka has what came. */
  CompletableFuture<Void> over() {
    return over;
  }

  boolean isOver() {
    return over.isDone();
  }

  void checkStall() {
    reader.checkStall();
  }

  /** Has no more pictures read; those that were, are still sent. */
  void stop() {
    reader.stop();
    pictures.close();
  }

  /** Gives up what Kafka doesn't have yet. */
  void giveUp() {
    sending.interrupt();
    reading.interrupt();
  }
}
