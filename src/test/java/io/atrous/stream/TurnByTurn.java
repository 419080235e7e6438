package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atrous.Await;
import io.atrous.embedded.EmbeddedKafka;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An instance of the service whose device answers one batch in each turn of a test, and whose
 * stream threads' clock ticks once in each turn. Before the next turn everything else comes to
 * rest: what the threads can take is taken, what is decoded waits for the device, and what is
 * answered is written unless its thread waits for another frame. An outcome is visible once it is
 * committed.
 *
 * <p>A frame's timestamp is its number, by which its outcome is recognised.
 *
 * <p><b>Threading:</b> confined to the test's thread, but for what the service calls.
 */
final class TurnByTurn implements AutoCloseable {

  private static final int BATCH = 8;

  /** So that a commit falls due every seventh turn, as with the defaults at 30 ms a batch. */
  private static final long TURN_MILLIS = 30;

  /** Grey: as many bytes, those of a small JPEG. */
  private static final int FRAME_PIXELS = 16 << 10;

  private static final Duration COMMIT_INTERVAL = Duration.ofMillis(200);
  private static final AtomicInteger WORLDS = new AtomicInteger();

  /** A frame from the camera to its outcome. */
  private static final class Frame {
    final int partition;
    final String camera;
    final long sentInTurn;
    volatile @Nullable CompletableFuture<Outcome> outcome;
    volatile boolean written;
    volatile long visibleInTurn = -1;

    Frame(int partition, String camera, long sentInTurn) {
      this.partition = partition;
      this.camera = camera;
      this.sentInTurn = sentInTurn;
    }

    boolean isTaken() {
      return outcome != null;
    }

    boolean isDone() {
      CompletableFuture<Outcome> taken = outcome;
      return taken != null && taken.isDone();
    }

    boolean hasMask() {
      CompletableFuture<Outcome> taken = outcome;
      return taken != null
          && taken.isDone()
          && !taken.isCompletedExceptionally()
          && taken.join().emissions().get(0).channel() == Outcome.Channel.MASKS;
    }
  }

  private final PlainPipeline plain;
  private final boolean latestOnly;
  private final ContractSetting setting;
  private final KafkaProducer<byte[], byte[]> producer;
  private final TickingTime time = new TickingTime();
  private final KafkaStreams streams;
  private final List<Frame> frames = Collections.synchronizedList(new ArrayList<>());
  private final Map<Integer, Thread> threadOfPartition = new ConcurrentHashMap<>();
  private final Map<Thread, CompletableFuture<Outcome>> waitedFor = new ConcurrentHashMap<>();
  private final AtomicLong turn = new AtomicLong();
  private long imagesLetThrough;

  private TurnByTurn(EmbeddedKafka kafka, int partitions, int threads, SheddingPolicy policy) {
    this.latestOnly = policy.latestOnly();
    setting =
        new ContractSetting(
            kafka.bootstrapServers(), "exactly_once_v2", "turns-" + WORLDS.incrementAndGet());
    kafka.createTopics(
        List.of(
            new NewTopic(setting.frames(), partitions, (short) 1),
            new NewTopic(setting.masks(), 1, (short) 1),
            new NewTopic(setting.regions(), 1, (short) 1),
            new NewTopic(setting.deadLetters(), 1, (short) 1)));
    plain = new PlainPipeline(policy, BATCH);
    producer = kafka.producer();
    Properties properties = setting.streams(threads, COMMIT_INTERVAL);
    // As the service has it.
    properties.put("buffered.records.per.partition", 16);
    properties.put("max.poll.records", 16);
    properties.put("max.partition.fetch.bytes", 256 << 10);
    // The clock of brokers and clients goes on while a turn takes its time.
    properties.put("producer.transaction.timeout.ms", 600_000);
    streams =
        new KafkaStreams(
            SegmentationTopology.build(
                setting.topology(Duration.ofMinutes(5)),
                new Noting(),
                new OutputTopics(Clock.systemUTC()),
                new EngineLatch(),
                "run",
                FrameMetrics.unread(System::nanoTime)),
            properties,
            new NotingClients(),
            time);
  }

  /** Starts it, and returns once every partition has had some frames answered. */
  static TurnByTurn start(EmbeddedKafka kafka, int partitions, int threads, SheddingPolicy policy) {
    TurnByTurn service = new TurnByTurn(kafka, partitions, threads, policy);
    service.streams.start();
    Await.until("every thread has partitions", service::isSpreadOut);
    // More than a pace needs to be known: from then on it does not limit.
    for (int i = 0; i < 4; i++) {
      for (int partition = 0; partition < partitions; partition++) {
        service.send(partition, "first-" + partition);
      }
    }
    Await.until(
        "the first frames are written",
        () -> {
          service.time.advance(1);
          return service.frames.stream().allMatch(frame -> frame.visibleInTurn >= 0);
        });
    service.plain.hold();
    service.imagesLetThrough = service.masksDone();
    return service;
  }

  private boolean isSpreadOut() {
    time.advance(1);
    return streams.state() == KafkaStreams.State.RUNNING
        && streams.metadataForLocalThreads().stream()
            .noneMatch(thread -> thread.activeTasks().isEmpty());
  }

  /** Has the broker take a frame. */
  void send(int partition, String camera) {
    int number = frames.size();
    frames.add(new Frame(partition, camera, turn.get()));
    Future<RecordMetadata> sent =
        producer.send(
            new ProducerRecord<>(
                setting.frames(),
                partition,
                PlainPipeline.START_MILLIS + number,
                camera.getBytes(UTF_8),
                PlainPipeline.frame(camera, number & 0xFF, FRAME_PIXELS)));
    try {
      sent.get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether one stream thread has both partitions. */
  boolean shareAThread(int one, int other) {
    return threadOfPartition.get(one) == threadOfPartition.get(other);
  }

  /** One turn of the device. */
  void turn() {
    Await.until("at rest", this::isAtRest);
    int images = plain.imagesHeld();
    if (images > 0) {
      imagesLetThrough += images;
      plain.letOneThrough();
      Await.until("answered", () -> masksDone() == imagesLetThrough);
    }
    time.advance(TURN_MILLIS);
    Await.until("at rest", this::isAtRest);
    turn.incrementAndGet();
  }

  /**
   * How many turns outcomes took, at a percentile; those that are not there yet have taken all
   * turns until now.
   *
   * @param cameras what the names of those begin with that count
   */
  long percentileTurns(int percent, String cameras) {
    List<Long> turns =
        List.copyOf(frames).stream()
            .filter(frame -> frame.camera.startsWith(cameras))
            .map(
                frame ->
                    (frame.visibleInTurn < 0 ? turn.get() : frame.visibleInTurn)
                        - frame.sentInTurn
                        + 1)
            .sorted()
            .toList();
    return turns.get((int) Math.ceil(turns.size() * percent / 100.0) - 1);
  }

  private long masksDone() {
    return List.copyOf(frames).stream().filter(Frame::hasMask).count();
  }

  private boolean isAtRest() {
    if (masksDone() != imagesLetThrough) {
      return false;
    }
    Set<Integer> blocked = blockedPartitions();
    Set<Integer> partitionsWithOpenFrames = new HashSet<>();
    Map<String, Integer> unanswered = new HashMap<>();
    for (Frame frame : List.copyOf(frames)) {
      boolean waitsForNothing =
          !blocked.contains(frame.partition) && !partitionsWithOpenFrames.contains(frame.partition);
      if (!frame.isTaken()) {
        if (!blocked.contains(frame.partition)) {
          return false;
        }
      } else if (!frame.isDone()) {
        unanswered.merge(frame.camera, 1, Integer::sum);
        partitionsWithOpenFrames.add(frame.partition);
      } else if (!frame.written && waitsForNothing) {
        return false;
      }
    }
    if (latestOnly && unanswered.values().stream().anyMatch(n -> n > 3)) {
      return false;
    }
    int underway =
        unanswered.values().stream().mapToInt(n -> latestOnly ? Math.min(n, 2) : n).sum();
    return plain.queued() + plain.imagesHeld()
            == Math.min(underway, ServedModel.slotCount(BATCH, 1, 2))
        && (plain.imagesHeld() > 0 || underway == 0);
  }

  /** Those whose thread waits for a frame that the device has not answered. */
  private Set<Integer> blockedPartitions() {
    Set<Integer> blocked = new HashSet<>();
    threadOfPartition.forEach(
        (partition, thread) -> {
          CompletableFuture<Outcome> outcome = waitedFor.get(thread);
          if (outcome != null && !outcome.isDone()) {
            blocked.add(partition);
          }
        });
    return blocked;
  }

  @Override
  public void close() {
    plain.release();
    streams.close();
    producer.close();
    plain.close();
  }

  /** The pipeline, and what is asked of it. */
  private final class Noting implements FrameAnalyzer {

    @Override
    public CompletableFuture<Outcome> analyze(SourceRecord record) {
      threadOfPartition.put(record.partition(), Thread.currentThread());
      CompletableFuture<Outcome> outcome = plain.pipeline.analyze(record);
      frames.get((int) (record.timestampMillis() - PlainPipeline.START_MILLIS)).outcome = outcome;
      return outcome;
    }

    @Override
    public void expedite(CompletableFuture<Outcome> outcome) {
      plain.pipeline.expedite(outcome);
      waitedFor.put(Thread.currentThread(), outcome);
    }
  }

  /** Real clients; notes in which turn an outcome is written. */
  private final class NotingClients extends DefaultKafkaClientSupplier {

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
      return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()) {
        private final Queue<Frame> uncommitted = new ConcurrentLinkedQueue<>();

        @Override
        public void commitTransaction() {
          super.commitTransaction();
          for (Frame frame = uncommitted.poll(); frame != null; frame = uncommitted.poll()) {
            frame.visibleInTurn = turn.get();
          }
        }

        @Override
        public Future<RecordMetadata> send(
            ProducerRecord<byte[], byte[]> record, Callback callback) {
          if (!record.topic().equals(setting.regions())) {
            Frame frame = frames.get((int) (record.timestamp() - PlainPipeline.START_MILLIS));
            frame.written = true;
            uncommitted.add(frame);
          }
          return super.send(record, callback);
        }
      };
    }
  }

  /** The stream threads' clock; stands still between ticks. */
  private static final class TickingTime implements Time {

    private final AtomicLong nanos = new AtomicLong(System.currentTimeMillis() * 1_000_000);

    void advance(long millis) {
      nanos.addAndGet(millis * 1_000_000);
    }

    @Override
    public long milliseconds() {
      return nanos.get() / 1_000_000;
    }

    @Override
    public long nanoseconds() {
      return nanos.get();
    }

    @Override
    public void sleep(long millis) {
      Time.SYSTEM.sleep(millis);
    }

    @Override
    public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMillis)
        throws InterruptedException {
      synchronized (object) {
        while (!condition.get()) {
          object.wait(10);
        }
      }
    }
  }
}
