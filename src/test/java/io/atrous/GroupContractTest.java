package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.settings.Cluster;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.StartException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One consumer group and more than one service, or strangers, in it: on a real broker. */
@ExtendWith(SharedKafka.class)
@Timeout(180)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class GroupContractTest {

  private static final List<String> OUTPUTS =
      List.of("group-masks", "group-regions", "group-dead-letters");

  private static EmbeddedKafka kafka;

  private LoopbackSchemaRegistry registry;
  private String groupId;

  @BeforeAll
  static void createTopics(EmbeddedKafka shared) {
    kafka = shared;
    for (String topic : List.of("group-a", "group-b")) {
      kafka.createTopic(topic, 4);
    }
    for (String topic : OUTPUTS) {
      kafka.createTopic(topic, 1);
    }
  }

  @BeforeEach
  void prepare(TestInfo test) {
    registry = LoopbackSchemaRegistry.start();
    groupId = "group-%08x".formatted(test.getDisplayName().hashCode());
    groupId += test.getTestMethod().orElseThrow().getName().hashCode();
  }

  @AfterEach
  void close() {
    registry.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "streams"})
  void twoInstancesWithTheSameTopicsAreNoConflict(String protocol) throws Exception {
    try (SegmentationService first = start(protocol, "group-a");
        SegmentationService second = start(protocol, "group-a")) {
      awaitRunning(first, second);

      assertThat(conflictSeenBy(protocol, "group-a")).isEmpty();
      assertThat(conflictSeenBy(protocol, "group-a,group-b")).isPresent();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "streams"})
  void aServiceWithOtherTopicsDoesNotStartAndLeavesTheFirstAlone(String protocol) throws Exception {
    try (SegmentationService first = start(protocol, "group-a")) {
      awaitRunning(first);

      assertThatThrownBy(() -> start(protocol, "group-b"))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("'application.id' = " + groupId)
          .hasMessageContaining(protocol.equals("classic") ? "client '" + groupId : "group-a");

      assertThat(first.isReady()).isTrue();
      assertThat(first.groupConflict()).isEmpty();
    }
  }

  @Test
  void anOlderInstanceIsNotReadyWhileOneWithMoreTopicsRunsAndRecoversAfterwards() throws Exception {
    try (SegmentationService older = start("classic", "group-a")) {
      awaitRunning(older);
      try (SegmentationService newer = start("classic", "group-a,group-b")) {
        awaitRunning(newer);

        Await.until(
            "the older is in conflict",
            () -> !older.isReady() && newer.groupConflict().isPresent());

        assertThat(older.groupConflict().orElseThrow()).contains("'application.id' = " + groupId);
        assertThat(newer.isReady()).isTrue();
        assertThat(older.failure()).isEmpty();
      }
      Await.until("the older is ready", older::isReady);
      assertThat(older.groupConflict()).isEmpty();
    }
  }

  @Test
  void aServiceThatWasStoppedStartsAgainWithOtherTopicsOnceItsOldMembersAreGone() throws Exception {
    try (SegmentationService before = start("classic", "group-a")) {
      awaitRunning(before);
    }
    try (SegmentationService after = start("classic", "group-b")) {
      awaitRunning(after);
      assertThat(after.isReady()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"classic, classic", "classic, consumer", "streams, classic", "streams, consumer"})
  void aForeignConsumerInTheGroupIsNamed(String protocol, String foreign) {
    try (KafkaConsumer<byte[], byte[]> stranger = stranger(foreign)) {
      awaitAssignment(stranger);

      assertRefused(protocol);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "streams"})
  void aShareGroupOfTheSameNameIsNamed(String protocol) {
    try (KafkaShareConsumer<byte[], byte[]> stranger =
        new KafkaShareConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "group.id", groupId),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      stranger.subscribe(List.of("group-a"));
      stranger.poll(Duration.ofSeconds(2));

      assertRefused(protocol);
    }
  }

  @Test
  void anInstanceOfAnotherGroupProtocolIsNamed() throws Exception {
    try (SegmentationService first = start("streams", "group-a")) {
      awaitRunning(first);

      assertRefused("classic");
      assertThat(first.isReady()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aForeignConsumerThatComesBetweenTheCheckAndTheJoinIsNamedToo(String foreign)
      throws Exception {
    Map<String, String> settings = settings("classic", "group-a");
    // The service has looked at the group when it asks the registry.
    try (KafkaConsumer<byte[], byte[]> stranger = stranger(foreign);
        RegistryProxy proxy = new RegistryProxy(registry.url(), () -> awaitAssignment(stranger))) {
      settings.put("schema.registry.url", proxy.url());
      try (SegmentationService service = NetworklessService.start(settings)) {
        assertThat(service.awaitRunning(Duration.ofSeconds(60))).isFalse();

        assertThat(service.awaitEnd()).isEqualTo(SegmentationService.End.REFUSED);
        assertThat(service.end().exitCode()).isEqualTo(2);
        assertThat(service.failure().orElseThrow())
            .isInstanceOf(StartException.class)
            .hasMessageStartingWith("The consumer group 'application.id' = " + groupId);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aForeignConsumerCanNotJoinWhileTheServiceRuns(String foreign) throws Exception {
    try (SegmentationService service = start("classic", "group-a");
        KafkaConsumer<byte[], byte[]> stranger = stranger(foreign)) {
      awaitRunning(service);

      assertThatThrownBy(() -> awaitAssignment(stranger)).isInstanceOf(ApiException.class);

      assertThat(service.isReady()).isTrue();
    }
  }

  private static void awaitAssignment(KafkaConsumer<byte[], byte[]> consumer) {
    while (consumer.assignment().isEmpty()) {
      consumer.poll(Duration.ofMillis(100));
    }
  }

  /** What an instance with these topics would say of the group now. */
  private Optional<GroupConflict> conflictSeenBy(String protocol, String topics) throws Exception {
    Map<String, String> settings = settings(protocol, topics);
    settings.put("model.file", "unread");
    ServiceConfig config = ServiceConfig.of(settings);
    try (Admin admin = Cluster.connect(config)) {
      return ConsumerGroup.find(admin, groupId)
          .flatMap(new GroupJudge(config, MemberName.of(config, "run", 0))::judge);
    }
  }

  private void assertRefused(String protocol) {
    assertThatThrownBy(() -> start(protocol, "group-a"))
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("The consumer group 'application.id' = " + groupId);
  }

  private KafkaConsumer<byte[], byte[]> stranger(String protocol) {
    KafkaConsumer<byte[], byte[]> stranger =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "group.id",
                groupId,
                "group.protocol",
                protocol,
                "enable.auto.commit",
                false),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    stranger.subscribe(List.of("group-a"));
    return stranger;
  }

  private SegmentationService start(String protocol, String topics) {
    return NetworklessService.start(settings(protocol, topics));
  }

  private Map<String, String> settings(String protocol, String topics) {
    Map<String, String> settings =
        new HashMap<>(
            Map.of(
                "application.id", groupId,
                "bootstrap.servers", kafka.bootstrapServers(),
                "schema.registry.url", registry.url().toString(),
                "frames.topics", topics,
                "masks.topic", OUTPUTS.get(0),
                "regions.topic", OUTPUTS.get(1),
                "dead.letters.topic", OUTPUTS.get(2),
                "streams.group.protocol", protocol));
    if (protocol.equals("classic")) {
      // Long enough for a busy machine: a member that misses it is gone when the next one looks.
      settings.put("streams.consumer.session.timeout.ms", "6000");
      settings.put("streams.consumer.heartbeat.interval.ms", "300");
    }
    return settings;
  }

  private static void awaitRunning(SegmentationService... services) throws InterruptedException {
    for (SegmentationService service : services) {
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();
    }
  }
}
