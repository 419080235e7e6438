package io.atrous.ingest;

import io.atrous.embedded.FrameSender;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.FrameReference;
import io.atrous.payload.PayloadReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a camera's pictures as frames, numbered from 0 in each session. Few are on their way at
 * once; while they are, newer ones take the places of older ones in {@link NewestPictures}. A
 * picture gets its number when the producer takes it, so that no number is missing. Should Kafka
 * refuse a frame that the producer had taken, the next begins a new session.
 *
 * <p><b>Threading:</b> {@link #run} has a thread of its own. The producer's thread tells how sends
 * end.
 */
final class CameraSender {

  private static final Logger LOG = LoggerFactory.getLogger(CameraSender.class);

  /** The attribute that names the session. */
  static final String SESSION = "session";

  /** The frames of a camera that are on their way at once: enough for a distant cluster. */
  static final int MAX_UNACKNOWLEDGED = 5;

  private final String camera;
  private final String topic;
  private final FrameSender sender;
  private final @Nullable LargeFrames largeFrames;
  private final NewestPictures pictures;
  private final IngestMetrics metrics;
  private final Semaphore places = new Semaphore(MAX_UNACKNOWLEDGED);
  private volatile boolean refused;

  private String readSession = "";
  private String session = "";
  private long sequence;

  /**
   * @param sender stays the caller's
   * @param largeFrames takes frames that are too large for Kafka; null if nothing does
   */
  CameraSender(
      String camera,
      String topic,
      FrameSender sender,
      @Nullable LargeFrames largeFrames,
      NewestPictures pictures,
      IngestMetrics metrics) {
    this.camera = camera;
    this.topic = topic;
    this.sender = sender;
    this.largeFrames = largeFrames;
    this.pictures = pictures;
    this.metrics = metrics;
  }

  /** Sends until no more pictures come, and Kafka has all that were sent. */
  void run() throws InterruptedException {
    while (true) {
      places.acquire();
      Picture picture = pictures.take();
      if (picture == null) {
        places.release();
        awaitAll();
        return;
      }
      number(picture);
      send(picture);
    }
  }

  private void awaitAll() throws InterruptedException {
    places.acquire(MAX_UNACKNOWLEDGED);
    places.release(MAX_UNACKNOWLEDGED);
  }

  private void number(Picture picture) throws InterruptedException {
    if (!picture.session().equals(readSession)) {
      readSession = picture.session();
      begin(readSession);
    }
    if (refused) {
      // Whatever else was on its way belongs to the session that ends here.
      places.release();
      awaitAll();
      places.acquire();
      refused = false;
      begin(UUID.randomUUID().toString());
    }
  }

  private void begin(String name) {
    session = name;
    sequence = 0;
  }

  private void send(Picture picture) throws InterruptedException {
    CompletableFuture<RecordMetadata> end;
    try {
      end = sender.sendByKey(topic, event(picture));
    } catch (IOException e) {
      places.release();
      drop(DropReason.STORE, e);
      return;
    } catch (RuntimeException e) {
      places.release();
      drop(DropReason.KAFKA, e);
      return;
    }
    boolean taken = !end.isCompletedExceptionally();
    if (taken) {
      sequence++;
    }
    int bytes = picture.jpeg().length;
    var unused =
        end.whenComplete(
            (metadata, failure) -> {
              if (failure == null) {
                metrics.sent(bytes);
              } else {
                refused |= taken;
                drop(
                    failure instanceof RecordTooLargeException
                        ? DropReason.TOO_LARGE
                        : DropReason.KAFKA,
                    failure);
              }
              places.release();
            });
  }

  private void drop(DropReason reason, Throwable failure) {
    metrics.dropped(reason);
    LOG.warn("Camera {}: a picture is dropped: {}", camera, failure.getMessage());
  }

  private FrameEvent event(Picture picture) throws IOException, InterruptedException {
    String frameId = "%s/%s/%08d".formatted(camera, session, sequence);
    return new FrameEvent(
        frameId,
        camera,
        sequence,
        picture.arrivedAt(),
        FrameEncoding.JPEG,
        null,
        null,
        payload(frameId, picture.jpeg()),
        Map.of(SESSION, session),
        null,
        null);
  }

  private Object payload(String frameId, byte[] jpeg) throws IOException, InterruptedException {
    if (largeFrames == null || !largeFrames.isLarge(jpeg.length)) {
      return ByteBuffer.wrap(jpeg);
    }
    PayloadReference reference = largeFrames.put(frameId + ".jpg", jpeg);
    return new FrameReference(reference.uri(), reference.sizeBytes(), reference.sha256());
  }
}
