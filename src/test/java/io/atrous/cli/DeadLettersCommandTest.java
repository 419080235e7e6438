package io.atrous.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.deadletter.DeadLetterReplay;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.ConfluentSerde;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import io.atrous.event.EventSerde;
import io.atrous.event.EventSerdes;
import io.atrous.event.LoopbackSerdes;
import io.atrous.event.RandomEvents;
import io.atrous.event.RecordHeader;
import io.atrous.event.SchemaRegistryConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dead letters on a real broker: shown, and sent again. */
@ExtendWith(SharedKafka.class)
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class DeadLettersCommandTest {

  private static final AtomicInteger TESTS = new AtomicInteger();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  private static final int PARTITIONS = 3;

  private final String name = "letters-" + TESTS.getAndIncrement();
  private final String frames = name + "-frames";
  private final String letters = name + "-dead";
  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
  private final AvroEventSerde<DeadLetterEvent> serde =
      LoopbackSerdes.serde(DeadLetterEvent.class, registry);
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final EmbeddedKafka kafka;

  DeadLettersCommandTest(EmbeddedKafka kafka) {
    this.kafka = kafka;
  }

  @BeforeEach
  void createTopics() {
    kafka.createTopic(frames, PARTITIONS);
    kafka.createTopic(letters, 2);
  }

  @AfterEach
  void close() {
    serde.close();
    registry.close();
  }

  @Test
  void listShowsOnlyLettersThatMeetEveryCondition() throws Exception {
    write(
        letter("a", l -> l),
        letter("other-reason", l -> l.setReason(DeadLetterReason.TOO_LARGE)),
        letter("other-camera", l -> l.setCameraId("south")),
        letter("no-camera", l -> l.setCameraId(null).setSourceKey(null)),
        letter("unread", l -> l.setCameraId(null)),
        letter("too-early", l -> l.setFailedAt(NOON.minusMillis(1))),
        letter("too-late", l -> l.setFailedAt(NOON.plusSeconds(60))),
        letter("b", l -> l.setFailedAt(NOON.plusSeconds(59)).setReason(DeadLetterReason.STALE)));

    assertThat(
            run(
                "list",
                "--json",
                "--reason=reference_unavailable,STALE",
                "--camera=north",
                "--camera=west",
                "--from=2026-01-02T12:00:00Z",
                "--to=2026-01-02T12:01:00Z"))
        .isZero();

    assertThat(shown())
        .extracting(l -> l.path("frameId").asText())
        .as("the camera of a record that was not read is its key")
        .containsExactly("a", "unread", "b");
    assertThat(err.toString()).isEqualToIgnoringNewLines("3 dead letters");
  }

  @Test
  void everyLetterIsOneLineOfJsonWhateverItHolds() throws Exception {
    RandomEvents random = new RandomEvents(1);
    List<DeadLetterEvent> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(random.next(DeadLetterEvent.class));
    }
    write(all.toArray(DeadLetterEvent[]::new));

    assertThat(run("list", "--json")).isZero();

    assertThat(shown())
        .extracting(l -> l.path("outcomeId").asText(), l -> l.path("message").asText())
        .containsExactlyElementsOf(
            all.stream().map(l -> tuple(l.getOutcomeId(), l.getMessage())).toList());
  }

  @Test
  void theTableKeepsToOneLineALetterWhateverAStrangerWrote() throws Exception {
    write(letter("evil\r\n\u001b[31m\u202etxt", l -> l.setMessage("a\nb")), letter("b", l -> l));

    assertThat(run("list")).isZero();

    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).startsWith("failed at").contains("reason", "camera", "message");
    assertThat(lines.get(1))
        .startsWith("2026-01-02T12:00:00Z")
        .contains("evil\\u000d\\u000a\\u001b[31m\\u202etxt", "a\\u000ab");
  }

  @Test
  void theLimitEndsTheReading() throws Exception {
    write(letter("a", l -> l), letter("b", l -> l), letter("c", l -> l));

    assertThat(run("list", "--json", "--limit=2")).isZero();

    assertThat(shown()).hasSize(2);
  }

  @Test
  void lettersOfAbortedTransactionsDoNotExist() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("transactional.id", name, "bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      var first = producer.send(record(letter("committed", l -> l)));
      producer.commitTransaction();
      producer.beginTransaction();
      var second = producer.send(record(letter("aborted", l -> l)));
      producer.flush();
      producer.abortTransaction();
      assertThat(first.get().offset()).isNotEqualTo(second.get().offset());
    }

    assertThat(run("list", "--json")).isZero();

    assertThat(shown()).extracting(l -> l.path("frameId").asText()).containsExactly("committed");
  }

  @Test
  void recordsThatAreNoLettersAreCounted() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = kafka.producer()) {
      producer.send(new ProducerRecord<>(letters, 0, null, new byte[] {1, 2, 3})).get();
      producer.send(new ProducerRecord<>(letters, 0, new byte[1], null)).get();
    }
    write(letter("a", l -> l));

    assertThat(run("list", "--json")).isZero();

    assertThat(shown()).hasSize(1);
    assertThat(err.toString()).contains("2 records of the topic are no dead letters");
  }

  @Test
  void replayKeepsWhereAFrameCameFromAndAllThatItWas() throws Exception {
    byte[] key = {1, 2};
    byte[] value = {3, 4, 5};
    write(
        letter(
            "a",
            l ->
                l.setSourcePartition(2)
                    .setSourceKey(ByteBuffer.wrap(key))
                    .setSourceValue(ByteBuffer.wrap(value))
                    .setSourceHeaders(
                        List.of(
                            new RecordHeader("trace", ByteBuffer.wrap(new byte[] {9})),
                            new RecordHeader("empty", null)))));

    assertThat(run("replay")).isZero();

    ConsumerRecord<byte[], byte[]> frame = read(frames, 1).get(0);
    assertThat(frame.partition()).isEqualTo(2);
    assertThat(frame.key()).isEqualTo(key);
    assertThat(frame.value()).isEqualTo(value);
    assertThat(frame.timestamp()).isEqualTo(NOON.minusSeconds(1).toEpochMilli());
    assertThat(Arrays.asList(frame.headers().toArray()))
        .extracting(Header::key)
        .containsExactly("trace", "empty", DeadLetterReplay.HEADER);
    assertThat(frame.headers().lastHeader("trace").value()).containsExactly(9);
    assertThat(frame.headers().lastHeader("empty").value()).isNull();
    assertThat(frame.headers().lastHeader(DeadLetterReplay.HEADER).value())
        .asString(UTF_8)
        .isEqualTo("1");
    assertThat(out.toString()).isEqualToIgnoringNewLines("1 of 1 frames replayed");
  }

  @Test
  void everyReplayCountsOnFromTheLast() throws Exception {
    write(replayed("a", "1"), replayed("b", "41"), replayed("c", "many"));

    assertThat(run("replay")).isZero();

    assertThat(read(frames, 3))
        .extracting(f -> new String(f.headers().lastHeader(DeadLetterReplay.HEADER).value(), UTF_8))
        .containsExactly("2", "42", "1");
    assertThat(read(frames, 3)).allSatisfy(f -> assertThat(f.headers()).hasSize(1));
  }

  @Test
  void aFrameOfAPartitionThatIsGoneGoesWhereItsKeyBelongs() throws Exception {
    write(letter("a", l -> l.setSourcePartition(PARTITIONS)));

    assertThat(run("replay")).isZero();

    assertThat(read(frames, 1)).hasSize(1);
  }

  @Test
  void whatCanNotBeReplayedIsCountedAndSaid() throws Exception {
    DeadLetterEvent twice = letter("twice", l -> l);
    write(
        letter("cut", l -> l.setSourceTruncated(true).setSourceValue(null)),
        letter("elsewhere", l -> l.setSourceTopic("another-topic")),
        twice,
        twice);

    assertThat(run("replay")).isZero();

    assertThat(read(frames, 1)).hasSize(1);
    assertThat(out.toString().lines())
        .containsExactly(
            "1 of 4 frames replayed",
            "1 left out: their letters hold only part of their records"
                + " (dead.letters.max.value.bytes)",
            "1 left out: their topics are no input of this configuration",
            "1 left out: another letter of the same frame came before");
  }

  @Test
  void withoutInputTopicsInTheConfigurationEachFrameGoesBackWhereItCameFrom() throws Exception {
    write(letter("a", l -> l), letter("nowhere", l -> l.setSourceTopic("another-topic")));

    assertThat(run("replay", "--set=frames.topics=")).isZero();

    assertThat(read(frames, 1)).hasSize(1);
    assertThat(out.toString()).contains("1 of 2 frames replayed");
  }

  @Test
  void aDryRunCountsAndSendsNothing() throws Exception {
    write(letter("a", l -> l), letter("b", l -> l.setReason(DeadLetterReason.STALE)));

    assertThat(run("replay", "--dry-run", "--reason=STALE")).isZero();

    assertThat(out.toString()).isEqualToIgnoringNewLines("1 of 1 frames would be replayed");
    assertThat(read(frames, 0)).isEmpty();
  }

  @Test
  void aFrameThatCanNotBeSentIsAFailure() throws Exception {
    write(letter("a", l -> l.setSourceValue(ByteBuffer.allocate(100_000))));

    assertThat(run("replay", "--set=streams.producer.max.request.size=70000"))
        .isEqualTo(Main.FAILED);

    assertThat(err.toString()).contains("atrous: 1 of 1 frames could not be sent", "70000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--reason=tired",
        "--from=yesterday",
        "--limit=0",
        "--set=dead.letters.topic=nowhere",
        "--set=event.serde=no.such.Serde",
        "--set=schema.registry.url=http://127.0.0.1:1"
      })
  void whateverIsWrongWithTheInputIsSaid(String argument) throws Exception {
    write(letter("a", l -> l));

    assertThat(run("list", argument, "--set=max.retries=0")).isEqualTo(Main.BAD_INPUT);
    assertThat(err.toString())
        .contains(argument.substring(argument.lastIndexOf('=') + 1))
        .doesNotContain("\tat ");
  }

  @Test
  void lettersOfAnotherSerdeAreShownAndReplayed() throws Exception {
    String className = ConfluentSerde.class.getName();
    String another = "--set=event.serde=" + className;
    try (EventSerdes serdes =
        EventSerdes.of(
            "event.serde",
            className,
            Map.of(SchemaRegistryConfig.URL, registry.url().toString()))) {
      EventSerde<DeadLetterEvent> theirs = serdes.serde(DeadLetterEvent.class);
      write(
          theirs.serializer(),
          letter("a", l -> l),
          letter("b", l -> l.setReason(DeadLetterReason.STALE)));
    }
    try (KafkaProducer<byte[], byte[]> producer = kafka.producer()) {
      producer.send(new ProducerRecord<>(letters, 0, null, new byte[] {1, 2, 3})).get();
      producer.send(new ProducerRecord<>(letters, 0, new byte[1], null)).get();
    }

    assertThat(run("list", "--json", another)).isZero();
    assertThat(shown()).extracting(l -> l.path("frameId").asText()).containsExactly("a", "b");
    assertThat(err.toString()).contains("2 records of the topic are no dead letters");

    assertThat(run("replay", another, "--reason=STALE")).isZero();
    assertThat(read(frames, 1).get(0).value()).containsExactly(1, 2, 3);

    assertThat(run("list", another, "--set=schema.registry.url=http://127.0.0.1:1"))
        .isEqualTo(Main.BAD_INPUT);
    assertThat(err.toString()).doesNotContain("\tat ");
  }

  private int run(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of("dead-letters", command));
    new HashMap<>(
            Map.of(
                "application.id",
                name,
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "schema.registry.url",
                registry.url().toString(),
                "frames.topics",
                frames,
                "dead.letters.topic",
                letters))
        .forEach(
            (key, value) -> {
              if (Arrays.stream(arguments).noneMatch(a -> a.startsWith("--set=" + key + "="))) {
                all.add("--set=" + key + "=" + value);
              }
            });
    all.addAll(List.of(arguments));
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(all.toArray(String[]::new));
  }

  private List<JsonNode> shown() throws Exception {
    List<JsonNode> nodes = new ArrayList<>();
    for (String line : out.toString().lines().toList()) {
      nodes.add(JSON.readTree(line));
    }
    return nodes;
  }

  private DeadLetterEvent letter(String frameId, UnaryOperator<DeadLetterEvent.Builder> change) {
    return change
        .apply(
            DeadLetterEvent.newBuilder()
                .setOutcomeId(frames + "/1@" + frameId)
                .setAttemptId("attempt")
                .setFrameId(frameId)
                .setCameraId("north")
                .setReason(DeadLetterReason.REFERENCE_UNAVAILABLE)
                .setMessage("status 503")
                .setFailedAt(NOON)
                .setSourceTopic(frames)
                .setSourcePartition(1)
                .setSourceOffset(7)
                .setSourceTimestamp(NOON.minusSeconds(1))
                .setSourceKey(ByteBuffer.wrap("north".getBytes(UTF_8)))
                .setSourceHeaders(List.of())
                .setSourceValueSizeBytes(3)
                .setSourceValue(ByteBuffer.wrap(new byte[] {1, 2, 3})))
        .build();
  }

  private DeadLetterEvent replayed(String frameId, String count) {
    return letter(
        frameId,
        l ->
            l.setSourceHeaders(
                List.of(
                    new RecordHeader(
                        DeadLetterReplay.HEADER, ByteBuffer.wrap(count.getBytes(UTF_8))))));
  }

  private ProducerRecord<byte[], byte[]> record(DeadLetterEvent letter) {
    return record(serde.serializer(), letter);
  }

  private ProducerRecord<byte[], byte[]> record(
      Serializer<DeadLetterEvent> serializer, DeadLetterEvent letter) {
    return new ProducerRecord<>(letters, 0, null, serializer.serialize(letters, letter));
  }

  /** To one partition, so that the order is known; the other stays empty. */
  private void write(DeadLetterEvent... all) throws Exception {
    write(serde.serializer(), all);
  }

  private void write(Serializer<DeadLetterEvent> serializer, DeadLetterEvent... all)
      throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = kafka.producer()) {
      for (DeadLetterEvent letter : all) {
        producer.send(record(serializer, letter)).get();
      }
    }
  }

  /** What lies in a topic, of which there must be that many. */
  private List<ConsumerRecord<byte[], byte[]>> read(String topic, int count) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (int i = 0; i < PARTITIONS; i++) {
        partitions.add(new TopicPartition(topic, i));
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long written = consumer.endOffsets(partitions).values().stream().mapToLong(e -> e).sum();
      assertThat(written).isEqualTo(count);
      while (records.size() < count) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }
}
