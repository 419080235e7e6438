package io.atrous;

import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SecuredKafka;
import io.atrous.settings.StartException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A right that is missing is named, whichever it is, by a broker that denies it. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("the rights of the one user")
@Tag("slow")
final class AccessContractTest {

  private static SecuredKafka kafka;
  private static LoopbackSchemaRegistry registry;
  private static int groups;

  private String groupId;

  @BeforeAll
  static void startTheWorld() throws Exception {
    kafka = SecuredKafka.start();
    registry = LoopbackSchemaRegistry.start();
    kafka.createTopics(List.of("frames", "masks", "regions", "dead-letters"));
  }

  @AfterAll
  static void stopTheWorld() throws Exception {
    registry.close();
    kafka.close();
  }

  @BeforeEach
  void grantWhatTheServiceNeeds() throws Exception {
    groupId = "access-" + groups++;
    kafka.grant(READ, TOPIC, "frames");
    for (String output : List.of("masks", "regions", "dead-letters")) {
      kafka.grant(WRITE, TOPIC, output);
    }
    kafka.grant(READ, GROUP, groupId);
    kafka.grant(WRITE, TRANSACTIONAL_ID, groupId);
  }

  @AfterEach
  void takeItAway() throws Exception {
    kafka.revokeAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "streams"})
  void theseRightsAreEnough(String protocol) throws Exception {
    try (SegmentationService service = start(Map.of("streams.group.protocol", protocol))) {
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();
    }
  }

  @Test
  void atLeastOnceNeedsNoTransactions() throws Exception {
    kafka.revoke(WRITE, TRANSACTIONAL_ID, groupId);

    try (SegmentationService service = start(Map.of("processing.guarantee", "at_least_once"))) {
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "READ, frames, Read on topic 'frames' ('frames.topics')",
    "WRITE, masks, Write on topic 'masks' ('masks.topic')",
    "WRITE, regions, Write on topic 'regions' ('regions.topic')",
    "WRITE, dead-letters, Write on topic 'dead-letters' ('dead.letters.topic')",
  })
  void aRightToATopicIsNamedWhetherTheTopicCanBeSeenOrNot(
      AclOperation operation, String topic, String named) throws Exception {
    kafka.revoke(operation, TOPIC, topic);
    assertThat(refusal(Map.of())).contains(named);

    kafka.grant(DESCRIBE, TOPIC, topic);
    assertThat(refusal(Map.of())).contains(named);
  }

  @Test
  void severalRightsAreNamedAtOnce() throws Exception {
    kafka.revokeAll();

    assertThat(refusal(Map.of()))
        .contains("'frames'", "'masks'", "'regions'", "'dead-letters'")
        .hasLineCount(1);
  }

  @Test
  void aTopicThatThePatternFindsIsNamed() throws Exception {
    kafka.revoke(READ, TOPIC, "frames");
    kafka.grant(DESCRIBE, TOPIC, "frames");

    assertThat(refusal(Map.of("frames.topics.pattern", "fra.*")))
        .contains("Read on topic 'frames' ('frames.topics.pattern')");
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "streams"})
  void theRightToTheGroupIsNamed(String protocol) throws Exception {
    kafka.revoke(READ, GROUP, groupId);
    Map<String, String> settings = Map.of("streams.group.protocol", protocol);
    String named = "Read on group '" + groupId + "' ('application.id')";
    assertThat(refusal(settings)).contains(named);

    kafka.grant(DESCRIBE, GROUP, groupId);
    assertThat(refusal(settings)).contains(named);
  }

  @Test
  void theRightToTransactionsIsNamed() throws Exception {
    kafka.revoke(WRITE, TRANSACTIONAL_ID, groupId);
    String named =
        "Write on transactional ids that begin with '" + groupId + "-' ('application.id')";
    assertThat(refusal(Map.of())).contains(named);

    kafka.grant(DESCRIBE, TRANSACTIONAL_ID, groupId);
    assertThat(refusal(Map.of())).contains(named);
  }

  @ParameterizedTest
  @CsvSource({
    "READ, TOPIC, frames, Read on topic 'frames' ('frames.topics')",
    "WRITE, TOPIC, dead-letters, Write on topic 'dead-letters' ('dead.letters.topic')",
    "READ, GROUP, access, Read on group 'access",
    "WRITE, TRANSACTIONAL_ID, access, Write on transactional ids that begin with 'access",
  })
  void aRightThatIsTakenAwayLaterEndsTheServiceAndIsNamed(
      AclOperation operation, ResourceType type, String resource, String named) throws Exception {
    Logger log = (Logger) LoggerFactory.getLogger(SegmentationService.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    log.addAppender(lines);
    try (SegmentationService service = start(Map.of())) {
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();

      kafka.revoke(operation, type, resource.equals("access") ? groupId : resource);
      sendWhatIsNoFrame();

      assertThat(service.awaitEnd()).isEqualTo(SegmentationService.End.GAVE_UP);
      assertThat(lines.list)
          .extracting(ILoggingEvent::getFormattedMessage)
          .anyMatch(line -> line.contains(named));
    } finally {
      log.detachAppender(lines);
    }
  }

  private static void sendWhatIsNoFrame() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            kafka.administrator(), new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>("frames", new byte[] {1})).get();
    }
  }

  /** The sentence of exit code 2, before the service joins or when it does. */
  private String refusal(Map<String, String> settings) throws InterruptedException {
    try (SegmentationService service = start(settings)) {
      assertThat(service.awaitEnd()).isEqualTo(SegmentationService.End.REFUSED);
      return String.valueOf(service.failure().orElseThrow().getMessage());
    } catch (StartException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private SegmentationService start(Map<String, String> more) {
    Map<String, String> settings = new HashMap<>();
    kafka.user().forEach((key, value) -> settings.put("streams." + key, value.toString()));
    settings.put("bootstrap.servers", settings.remove("streams.bootstrap.servers"));
    settings.put("application.id", groupId);
    settings.put("schema.registry.url", registry.url().toString());
    settings.put("masks.topic", "masks");
    settings.put("regions.topic", "regions");
    settings.put("dead.letters.topic", "dead-letters");
    if (!more.containsKey("frames.topics.pattern")) {
      settings.put("frames.topics", "frames");
    }
    if (!more.getOrDefault("streams.group.protocol", "classic").equals("streams")) {
      // A service that comes back waits for its old member's session to end.
      settings.put("streams.consumer.session.timeout.ms", "2000");
      settings.put("streams.consumer.heartbeat.interval.ms", "300");
    }
    settings.putAll(more);
    return NetworklessService.start(settings);
  }
}
