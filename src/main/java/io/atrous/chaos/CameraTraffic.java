package io.atrous.chaos;

import io.atrous.embedded.FrameSender;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.FrameEvent;
import io.atrous.event.SchemaRegistryClient;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.event.Topics;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.apache.avro.Schema;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Cameras that send frames at a steady rate, now and then poison among them, and note what the
 * broker has acknowledged. They pass over their turn while too many frames are unanswered.
 *
 * <p><b>Threading:</b> sends on a thread of its own; everything else may be called from any.
 */
final class CameraTraffic implements AutoCloseable {

  /**
   * How the cameras send.
   *
   * @param cameras the number of cameras
   * @param film the pictures that they send
   * @param partitions the partitions of the frames' topic; some hold several cameras, if there are
   *     fewer
   * @param framesPerSecond the frames per second of all cameras together
   * @param poisonShare the poisoned share of the frames, 0 to 1
   * @param maxUnanswered frames that may wait for an answer
   * @param seed says which frames are poisoned, and how
   */
  record Settings(
      int cameras,
      FloodOptions.Film film,
      int partitions,
      double framesPerSecond,
      double poisonShare,
      long maxUnanswered,
      long seed) {}

  /** A frame that the broker has, and since when. */
  private record Acknowledged(SentFrame frame, long nanos) {}

  private static final List<Poison> POISONS = List.of(Poison.values());
  private static final int MAX_FILMS = 8;
  private static final int GIVES_UP_MILLIS = 600_000;

  private final Settings settings;
  private final LongSupplier answered;
  private final SplittableRandom random;
  private final List<CameraFilm> films;
  private final long[] sequences;
  private final SchemaRegistryClient registry;
  private final FrameSender sender;
  private final Thread thread = new Thread(this::film, "cameras");
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Queue<Acknowledged> acknowledged = new ConcurrentLinkedQueue<>();
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  /** The schema id that the next records name; 0 for the serializer's own. */
  private volatile int schemaId;

  private int schemaVersions;

  /**
   * @param answered the number of frames that have an outcome by now
   */
  CameraTraffic(
      String bootstrapServers, String registryUrl, Settings settings, LongSupplier answered) {
    this.settings = settings;
    this.answered = answered;
    this.random = new SplittableRandom(settings.seed());
    this.sequences = new long[settings.cameras()];
    this.films = CameraFilm.of(settings.film(), Math.min(settings.cameras(), MAX_FILMS));
    Map<String, String> registrySettings = Map.of(SchemaRegistryConfig.URL, registryUrl);
    registry = new SchemaRegistryClient(new SchemaRegistryConfig(registrySettings));
    AvroEventSerde<FrameEvent> serde = new AvroEventSerde<>(FrameEvent.class, registry);
    serde.configure(registrySettings, false);
    serde.prepare(Topics.FRAMES);
    // Whatever happens to the broker: a frame that is given up may or may not be in the topic.
    Map<String, Object> client =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ProducerConfig.CLIENT_ID_CONFIG,
            "cameras",
            ProducerConfig.LINGER_MS_CONFIG,
            0,
            ProducerConfig.MAX_BLOCK_MS_CONFIG,
            GIVES_UP_MILLIS,
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
            GIVES_UP_MILLIS);
    sender =
        new FrameSender(
            new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer()),
            serde.serializer());
  }

  void start() {
    thread.start();
  }

  /** Registers another version of the frames' schema, which no instance knows yet. */
  int registerSchema() {
    schemaVersions++;
    Schema current = FrameEvent.getClassSchema();
    Schema next =
        Schema.createRecord(
            current.getName(), "Version " + schemaVersions, current.getNamespace(), false);
    next.setFields(
        current.getFields().stream()
            .map(field -> new Schema.Field(field, field.schema()))
            .toList());
    return registry.register(Topics.FRAMES + "-value", next);
  }

  /** From now on records name this schema. */
  void writeWithSchema(int id) {
    schemaId = id;
  }

  /** What a frame's payload takes, at most. */
  int bytesPerFrame() {
    return films.stream()
        .flatMap(film -> film.pictures().stream())
        .mapToInt(picture -> picture.length)
        .max()
        .orElseThrow();
  }

  /** Returns the number of frames that the broker has acknowledged. */
  long framesIn() {
    return sender.acknowledged();
  }

  /** Returns the exception that made the cameras stop early, if any. */
  Optional<Exception> failure() {
    return Optional.ofNullable(failure.get()).or(sender::failure);
  }

  /** Switches the cameras off and returns once the broker has all that they have sent. */
  void finish() throws InterruptedException {
    stopped.countDown();
    thread.join();
    sender.flush();
  }

  /** Returns the frames that the broker has acknowledged. */
  Ledger ledger() {
    return new Ledger(acknowledged.stream().map(Acknowledged::frame).toList());
  }

  /** The end of each partition: one more than the offset of its last frame. */
  Map<Integer, Long> ends() {
    Map<Integer, Long> ends = new HashMap<>();
    acknowledged.forEach(
        entry -> ends.merge(entry.frame().partition(), entry.frame().offset() + 1, Math::max));
    return ends;
  }

  /**
   * Counts frames that were in flight.
   *
   * @param partitions the partitions whose frames are counted
   * @param committed offsets, by partition
   * @param beforeNanos when they were acknowledged at the latest
   */
  long uncommitted(Set<Integer> partitions, Map<Integer, Long> committed, long beforeNanos) {
    return acknowledged.stream()
        .filter(entry -> entry.nanos() - beforeNanos < 0)
        .map(Acknowledged::frame)
        .filter(frame -> partitions.contains(frame.partition()))
        .filter(frame -> frame.offset() >= committed.getOrDefault(frame.partition(), 0L))
        .count();
  }

  @Override
  public void close() {
    stopped.countDown();
    thread.interrupt();
    sender.close();
    registry.close();
  }

  private void film() {
    long periodNanos = (long) (1e9 / settings.framesPerSecond());
    long dueNanos = System.nanoTime();
    try {
      for (int turn = 0; ; turn++) {
        dueNanos += periodNanos;
        long waitNanos = dueNanos - System.nanoTime();
        if (stopped.await(Math.max(0, waitNanos), TimeUnit.NANOSECONDS)) {
          return;
        }
        // After a pause of the broker the cameras go on, they don't catch up.
        if (waitNanos < -periodNanos) {
          dueNanos = System.nanoTime();
        }
        if (sender.sent() - answered.getAsLong() < settings.maxUnanswered()) {
          send(turn % settings.cameras());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
  }

  private void send(int camera) {
    CameraFilm film = films.get(camera % films.size());
    String cameraId = "street-" + camera;
    long sequence = sequences[camera]++;
    byte[] payload = film.payload(sequence);
    FrameEvent event =
        new FrameEvent(
            cameraId + "-" + sequence,
            cameraId,
            sequence,
            Instant.now().truncatedTo(ChronoUnit.MICROS),
            film.encoding(),
            film.width(),
            film.height(),
            ByteBuffer.wrap(payload),
            Map.of(),
            null,
            null);
    Poison poison =
        random.nextDouble() < settings.poisonShare()
            ? POISONS.get(random.nextInt(POISONS.size()))
            : null;
    byte[] value = poison == null ? record(event) : poison.spoil(event, payload, this::record);
    sender.send(
        Topics.FRAMES,
        camera % settings.partitions(),
        cameraId,
        value,
        metadata ->
            acknowledged.add(
                new Acknowledged(
                    sentFrame(film, event, metadata.partition(), metadata.offset(), poison),
                    System.nanoTime())));
  }

  private static SentFrame sentFrame(
      CameraFilm film, FrameEvent event, int partition, long offset, @Nullable Poison poison) {
    return new SentFrame(
        Topics.FRAMES,
        partition,
        offset,
        event.getCameraId(),
        event.getSequence(),
        event.getFrameId(),
        film.picture(event.getSequence()),
        poison == null ? null : poison.reason());
  }

  private byte[] record(FrameEvent event) {
    byte[] record = sender.serialize(Topics.FRAMES, event);
    int id = schemaId;
    if (id != 0) {
      // Confluent's wire format: a zero, the schema's id, the event.
      ByteBuffer.wrap(record).putInt(1, id);
    }
    return record;
  }
}
