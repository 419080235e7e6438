package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.deadletter.DeadLetterFilter;
import io.atrous.deadletter.DeadLetterReplay;
import io.atrous.deadletter.DeadLetterTopic;
import io.atrous.demo.ClusterCameras;
import io.atrous.demo.Demo;
import io.atrous.demo.FilmingOptions;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SecuredKafka;
import io.atrous.settings.ServiceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of rights in docs/operations.md, granted by a broker that denies all else. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("the rights of the one user of this broker")
@Tag("slow")
final class RightsTest {

  private static final Path PAGE = Path.of("docs", "operations.md");
  private static final Pattern KEY = Pattern.compile("`([a-z.]+)`(-…)?");

  private static final Map<String, String> NAMES =
      Map.of(
          "frames.topics", "rights-frames",
          "masks.topic", "rights-masks",
          "regions.topic", "rights-regions",
          "dead.letters.topic", "rights-dead-letters",
          "application.id", "rights-service",
          "group.id", "rights-consumers");

  private static SecuredKafka kafka;
  private static LoopbackSchemaRegistry registry;

  /** A row of the table. */
  private record Row(String who, AclOperation operation, List<ResourcePattern> resources) {

    void grant() throws Exception {
      for (ResourcePattern resource : resources) {
        kafka.grant(operation, resource);
      }
    }
  }

  /** What somebody does with rights of the table. */
  private enum Use {
    AT_LEAST_ONCE("the service") {
      @Override
      void run() throws Exception {
        serve("at_least_once");
      }
    },
    EXACTLY_ONCE("the service, exactly once") {
      @Override
      void run() throws Exception {
        serve("exactly_once_v2");
      }
    },
    LIST("`dead-letters list`") {
      @Override
      void run() {
        try (DeadLetterTopic letters = DeadLetterTopic.open(config(), System::nanoTime)) {
          assertThat(letters.read(ANY, 1, letter -> true).matched()).isEqualTo(1);
        }
      }
    },
    REPLAY("`dead-letters replay`") {
      @Override
      void run() {
        assertThat(DeadLetterReplay.run(config(), ANY, 1, false, System::nanoTime).replayed())
            .isEqualTo(1);
      }
    },
    FILM("`ingest`, `cameras`, producers") {
      @Override
      void run() throws Exception {
        ClusterCameras cameras =
            new ClusterCameras(config(), new FilmingOptions(1, 10, 0.5), QUIET);
        assertThat(cameras.film().framesSent()).isPositive();
      }
    },
    CONSUME("consumers") {
      @Override
      void run() {
        Map<String, Object> settings = new HashMap<>(kafka.user());
        settings.put("group.id", NAMES.get("group.id"));
        settings.put("auto.offset.reset", "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
          consumer.subscribe(List.of(named("masks.topic"), named("regions.topic")));
          ConsumerRecords<byte[], byte[]> records = ConsumerRecords.empty();
          while (records.isEmpty()) {
            records = consumer.poll(Duration.ofSeconds(1));
          }
          consumer.commitSync();
        }
      }
    },
    WATCH_THE_LAG("consumer lag, KEDA") {
      @Override
      void run() throws Exception {
        TopicPartition partition = new TopicPartition(named("frames.topics"), 0);
        try (Admin admin = Admin.create(kafka.user())) {
          admin.listOffsets(Map.of(partition, OffsetSpec.latest())).all().get();
          admin.listConsumerGroupOffsets(named("application.id")).all().get();
        }
      }
    };

    private static final DeadLetterFilter ANY =
        new DeadLetterFilter(Set.of(), Set.of(), null, null);

    private final String who;

    Use(String who) {
      this.who = who;
    }

    abstract void run() throws Exception;

    List<Row> rows() {
      return table().stream().filter(this::includes).toList();
    }

    private boolean includes(Row row) {
      return who.equals(row.who) || who.startsWith(row.who + ",");
    }
  }

  private static final Demo.Progress QUIET =
      new Demo.Progress() {
        @Override
        public void step(String text) {}

        @Override
        public void tick(String text) {}
      };

  /** A use and one of its rows, without which it can't be done. */
  private record Needed(Use use, Row row) {
    @Override
    public String toString() {
      return use + " needs " + row.operation + " on " + row.resources.get(0).name();
    }
  }

  @BeforeAll
  static void startTheWorld() throws Exception {
    kafka = SecuredKafka.start();
    registry = LoopbackSchemaRegistry.start();
    kafka.createTopics(
        List.of(
            named("frames.topics"),
            named("masks.topic"),
            named("regions.topic"),
            named("dead.letters.topic")));
    leaveOutcomesToRead();
  }

  @AfterAll
  static void stopTheWorld() throws Exception {
    registry.close();
    kafka.close();
  }

  private static void leaveOutcomesToRead() throws Exception {
    for (Row row : Use.AT_LEAST_ONCE.rows()) {
      row.grant();
    }
    Use.AT_LEAST_ONCE.run();
    sendAsAdministrator("masks.topic");
    kafka.revokeAll();
  }

  @AfterEach
  void takeThemAway() throws Exception {
    kafka.revokeAll();
  }

  private static String named(String key) {
    return Objects.requireNonNull(NAMES.get(key), key);
  }

  private static List<Row> table() {
    try {
      return Files.readString(PAGE)
          .lines()
          .dropWhile(line -> !line.equals("## Rights"))
          .skip(1)
          .takeWhile(line -> !line.startsWith("## "))
          .filter(line -> line.startsWith("| "))
          .skip(2)
          .map(RightsTest::row)
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Row row(String line) {
    String[] cells = line.split(" *\\| *", -1);
    ResourceType type =
        switch (cells[3].substring(0, cells[3].indexOf(' '))) {
          case "topics" -> ResourceType.TOPIC;
          case "group" -> ResourceType.GROUP;
          default -> ResourceType.TRANSACTIONAL_ID;
        };
    List<ResourcePattern> resources = new ArrayList<>();
    for (Matcher key = KEY.matcher(cells[3]); key.find(); ) {
      resources.add(
          key.group(2) == null
              ? new ResourcePattern(type, named(key.group(1)), PatternType.LITERAL)
              : new ResourcePattern(type, named(key.group(1)) + "-", PatternType.PREFIXED));
    }
    return new Row(cells[1], AclOperation.valueOf(constant(cells[2])), resources);
  }

  private static String constant(String camelCase) {
    return camelCase.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
  }

  @Test
  void everyRowIsOfAUse() {
    assertThat(table())
        .hasSizeGreaterThan(10)
        .allSatisfy(row -> assertThat(row.resources).isNotEmpty());
    assertThat(table())
        .allMatch(row -> Stream.of(Use.values()).anyMatch(use -> use.rows().contains(row)));
  }

  @ParameterizedTest
  @EnumSource
  void theTableIsEnough(Use use) throws Exception {
    for (Row row : use.rows()) {
      row.grant();
    }

    use.run();
  }

  /** What the service needs is withheld by {@link AccessContractTest}. */
  private static Stream<Needed> rowsOfTools() {
    return Stream.of(Use.LIST, Use.REPLAY, Use.FILM, Use.CONSUME, Use.WATCH_THE_LAG)
        .flatMap(use -> use.rows().stream().map(row -> new Needed(use, row)));
  }

  @ParameterizedTest
  @MethodSource("rowsOfTools")
  void eachRowIsNeeded(Needed needed) throws Exception {
    for (Row row : needed.use.rows()) {
      if (!row.equals(needed.row)) {
        row.grant();
      }
    }

    assertThatThrownBy(needed.use::run).isNotNull();
  }

  private static Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(NAMES);
    settings.remove("group.id");
    kafka.user().forEach((key, value) -> settings.put("streams." + key, value.toString()));
    settings.put("bootstrap.servers", settings.remove("streams.bootstrap.servers"));
    settings.put("schema.registry.url", registry.url().toString());
    settings.put("web.listen", "none");
    return settings;
  }

  private static AbstractConfig config() {
    return ServiceConfig.forTools(settings());
  }

  /** Answers what is no frame with a dead letter, and reloads the model. */
  private static void serve(String guarantee) throws Exception {
    Map<String, String> settings = settings();
    settings.put("processing.guarantee", guarantee);
    settings.put("streams.auto.offset.reset", "earliest");
    // The group is soon free for the next.
    settings.put("streams.session.timeout.ms", "2000");
    settings.put("streams.heartbeat.interval.ms", "500");
    long letters = end("dead.letters.topic");
    try (SegmentationService service = NetworklessService.start(settings)) {
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();
      service.reloadModel();
      sendAsAdministrator("frames.topics");
      while (end("dead.letters.topic") == letters) {
        assertThat(service.failure()).isEmpty();
      }
    }
  }

  private static long end(String topic) throws Exception {
    TopicPartition partition = new TopicPartition(named(topic), 0);
    try (Admin admin = Admin.create(kafka.administrator())) {
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.latest()))
          .partitionResult(partition)
          .get()
          .offset();
    }
  }

  private static void sendAsAdministrator(String topic) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            kafka.administrator(), new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(named(topic), new byte[] {1})).get();
    }
  }
}
