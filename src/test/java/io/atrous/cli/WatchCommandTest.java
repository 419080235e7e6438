package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.ClassSummary;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import io.atrous.event.LoopbackSerdes;
import io.atrous.event.MaskEvent;
import io.atrous.event.RandomEvents;
import io.atrous.event.RegionEvent;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service writes on a real broker, watched. */
@ExtendWith(SharedKafka.class)
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
@SuppressWarnings("FutureReturnValueIgnored") // What is not written is not shown.
final class WatchCommandTest {

  private static final AtomicInteger TESTS = new AtomicInteger();
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name = "watch-" + TESTS.getAndIncrement();
  private final RandomEvents random = new RandomEvents(9);
  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
  private final EmbeddedKafka kafka;

  WatchCommandTest(EmbeddedKafka kafka) {
    this.kafka = kafka;
  }

  @AfterEach
  void close() {
    registry.close();
  }

  @Test
  void everyCameraIsALineOfJsonAndNobodysGroupIsTouched() throws Exception {
    createTopics();
    List<JsonNode> lines = watchWhile(this::commitOutcomes, "--json");

    assertThat(lines).extracting(line -> line.path("camera").asText()).containsExactly("gate");
    JsonNode gate = lines.get(0);
    assertThat(gate.path("masks").asInt()).isGreaterThanOrEqualTo(2);
    assertThat(gate.path("regions").asInt()).isPositive();
    assertThat(gate.path("deadLetters").path("STALE").asInt()).isPositive();
    assertThat(gate.path("classes").path("road").asDouble()).isEqualTo(0.5);
    assertThat(gate.path("latencyMillis").path("p50").asInt()).isBetween(1_000, 100_000);
    assertThat(gate.path("framesPerSecond").asDouble()).isPositive();
    assertThat(gate.path("silentSeconds").isNumber()).isTrue();
    try (Admin admin =
        Admin.create(Map.of("bootstrap.servers", (Object) kafka.bootstrapServers()))) {
      assertThat(admin.listGroups().all().get())
          .extracting(group -> group.groupId())
          .doesNotContain(name);
    }
  }

  @Test
  void whatIsNotCommittedIsNotSeen() throws Exception {
    createTopics();
    List<JsonNode> lines =
        watchWhile(
            () -> {
              try (KafkaProducer<byte[], byte[]> producer = transactional("aborted")) {
                producer.beginTransaction();
                producer.send(record("masks", mask("ghost")));
                producer.flush();
                producer.abortTransaction();
              }
              commitOutcomes();
            },
            "--json");

    assertThat(lines).extracting(line -> line.path("camera").asText()).containsExactly("gate");
  }

  @Test
  void withoutATerminalTheTableIsPlainText() throws Exception {
    createTopics();
    StringWriter out = new StringWriter();
    watchWhile(out, this::commitOutcomes, "--interval=0.2");

    assertThat(out.toString())
        .contains("frames/s", "gate", "dead letters: STALE ", "r road")
        .doesNotContain("\u001b");
  }

  @Test
  void recordsThatAreNoEventsAreCounted() throws Exception {
    createTopics();
    CommandRun run =
        watchWhile(
            new StringWriter(),
            () -> {
              try (KafkaProducer<byte[], byte[]> producer = kafka.producer()) {
                producer.send(new ProducerRecord<>(name + "-masks", new byte[] {1, 2, 3}));
                producer.send(new ProducerRecord<>(name + "-regions", null));
              }
              commitOutcomes();
            },
            "--json");

    assertThat(run.err()).matches("[0-9]+ records are no events\\R");
  }

  @ParameterizedTest
  @CsvSource({"masks", "regions", "dead-letters"})
  void aTopicThatIsMissingIsNamedInASentence(String missing) {
    for (String topic : List.of("masks", "regions", "dead-letters")) {
      if (!topic.equals(missing)) {
        kafka.createTopic(name + "-" + topic, 1);
      }
    }

    CommandRun run = watch(new StringWriter(), "--seconds=1");

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err()).contains(name + "-" + missing).hasLineCount(1);
  }

  @Test
  void brokersThatDoNotAnswerAreNamedInASentence() {
    CommandRun run =
        watch(
            new StringWriter(),
            "--set=bootstrap.servers=127.0.0.1:1",
            "--set=streams.default.api.timeout.ms=1000",
            "--set=streams.request.timeout.ms=500",
            "--seconds=1");

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err()).startsWith("atrous: ").contains("127.0.0.1:1").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--interval=0", "--interval=NaN", "--seconds=-1", "--seconds=1e99"})
  void impossibleTimesAreRefused(String option) {
    CommandRun run = watch(new StringWriter(), option);

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err()).contains(option.substring(0, option.indexOf('=')) + " must be ");
  }

  private void createTopics() {
    for (String topic : List.of("masks", "regions", "dead-letters")) {
      kafka.createTopic(name + "-" + topic, 2);
    }
  }

  private List<JsonNode> watchWhile(Runnable writing, String... options) throws Exception {
    StringWriter out = new StringWriter();
    watchWhile(out, writing, options);
    List<JsonNode> lines = new ArrayList<>();
    for (String line : out.toString().lines().toList()) {
      lines.add(JSON.readTree(line));
    }
    // Each picture has a line of each camera: the last is whole.
    String last = lines.get(lines.size() - 1).path("at").asText();
    return lines.stream().filter(line -> line.path("at").asText().equals(last)).toList();
  }

  /** Watches while something is written over and over: when watching begins, nobody can say. */
  private CommandRun watchWhile(StringWriter out, Runnable writing, String... options)
      throws Exception {
    List<String> all = new ArrayList<>(Arrays.asList(options));
    all.add("--seconds=3");
    // In a thread of its own: the common pool may have one only, which HTTP clients need too.
    FutureTask<CommandRun> run = new FutureTask<>(() -> watch(out, all.toArray(String[]::new)));
    new Thread(run, "watch").start();
    while (!run.isDone()) {
      writing.run();
    }
    return run.get();
  }

  private void commitOutcomes() {
    try (KafkaProducer<byte[], byte[]> producer = transactional("service")) {
      producer.beginTransaction();
      producer.send(record("masks", mask("gate")));
      producer.send(record("masks", mask("gate")));
      producer.send(
          record(
              "regions",
              RegionEvent.newBuilder(random.next(RegionEvent.class)).setCameraId("gate").build()));
      producer.send(
          record(
              "dead-letters",
              DeadLetterEvent.newBuilder(random.next(DeadLetterEvent.class))
                  .setCameraId("gate")
                  .setReason(DeadLetterReason.STALE)
                  .build()));
      producer.commitTransaction();
    }
  }

  private MaskEvent mask(String camera) {
    return MaskEvent.newBuilder(random.next(MaskEvent.class))
        .setCameraId(camera)
        .setCapturedAt(Instant.now().minusSeconds(1))
        .setMaskWidth(10)
        .setMaskHeight(10)
        .setClasses(List.of(new ClassSummary(0, "road", 50L, null)))
        .build();
  }

  private <T extends SpecificRecord> ProducerRecord<byte[], byte[]> record(String topic, T event) {
    @SuppressWarnings("unchecked")
    Class<T> type = (Class<T>) event.getClass();
    try (AvroEventSerde<T> serde = LoopbackSerdes.serde(type, registry)) {
      String full = name + "-" + topic;
      return new ProducerRecord<>(full, serde.serializer().serialize(full, event));
    }
  }

  private KafkaProducer<byte[], byte[]> transactional(String id) {
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers", kafka.bootstrapServers(), "transactional.id", name + "-" + id),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    return producer;
  }

  private CommandRun watch(Writer out, String... options) {
    StringWriter err = new StringWriter();
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "watch",
                "--set=application.id=" + name,
                "--set=schema.registry.url=" + registry.url(),
                "--set=masks.topic=" + name + "-masks",
                "--set=regions.topic=" + name + "-regions",
                "--set=dead.letters.topic=" + name + "-dead-letters"));
    if (Arrays.stream(options).noneMatch(option -> option.contains("bootstrap.servers"))) {
      arguments.add("--set=bootstrap.servers=" + kafka.bootstrapServers());
    }
    arguments.addAll(List.of(options));
    int exitCode =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments.toArray(String[]::new));
    return new CommandRun(exitCode, out.toString(), err.toString());
  }
}
