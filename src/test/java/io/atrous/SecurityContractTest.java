package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.atrous.embedded.SecuredKafka;
import io.atrous.embedded.SecuredRegistry;
import io.atrous.embedded.TestAuthority;
import io.atrous.embedded.TestAuthority.Identity;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.MaskEvent;
import io.atrous.settings.StartException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Brokers and a registry that ask who is there, over TLS. */
@Timeout(120)
@Tag("slow")
final class SecurityContractTest {

  @TempDir private static Path directory;

  private static TestAuthority authority;
  private static SecuredKafka scram;
  private static SecuredKafka mutual;
  private static SecuredRegistry registry;
  private static int groups;

  @BeforeAll
  static void startTheWorld() throws Exception {
    authority = new TestAuthority(Files.createDirectory(directory.resolve("authority")));
    scram = SecuredKafka.startWithScram(authority);
    mutual = SecuredKafka.startWithMutualTls(authority);
    registry = SecuredRegistry.start(authority);
    for (SecuredKafka kafka : List.of(scram, mutual)) {
      kafka.createTopics(List.of("frames", "masks", "regions", "dead-letters"));
      for (ResourceType type :
          List.of(ResourceType.TOPIC, ResourceType.GROUP, ResourceType.TRANSACTIONAL_ID)) {
        kafka.grant(AclOperation.ALL, new ResourcePattern(type, "*", PatternType.LITERAL));
      }
    }
  }

  @AfterAll
  static void stopTheWorld() throws Exception {
    registry.close();
    mutual.close();
    scram.close();
  }

  private enum Way {
    SCRAM_OVER_TLS,
    MUTUAL_TLS;

    SecuredKafka kafka() {
      return this == SCRAM_OVER_TLS ? scram : mutual;
    }
  }

  @ParameterizedTest
  @EnumSource
  void framesAreProducedSegmentedAndConsumed(Way way) throws Exception {
    SecuredKafka kafka = way.kafka();
    try (SegmentationService service = NetworklessService.start(settings(kafka))) {
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();

      sendFrame(kafka, way.name());

      assertThat(readMask(kafka).getFrameId()).isEqualTo(way.name());
      assertThat(service.failure()).isEmpty();
    }
  }

  private record Refusal(String name, Map<String, String> changes) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Refusal> refusals() throws Exception {
    String stranger = stranger().certificate().toString();
    return Stream.of(
        new Refusal("wrong CA", Map.of("streams.ssl.truststore.location", stranger)));
  }

  private static TestAuthority stranger() throws Exception {
    return new TestAuthority(Files.createTempDirectory(directory, "stranger"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void whatIsWrongIsSaidInOneSentence(Refusal refusal) throws Exception {
    System.out.println("x");
  }

  @org.junit.jupiter.api.Test
  void probe() throws Exception {
    String stranger = stranger().certificate().toString();
    say("scram wrong CA", scram, Map.of("ssl.truststore.location", stranger));
    say("scram wrong word", scram, Map.of("sasl.jaas.config", scram.user().get("sasl.jaas.config").toString().replace("password=\"", "password=\"x")));
    say("scram unknown mechanism", scram, Map.of("sasl.mechanism", "SCRAM-SHA-256"));
    say("plain client", scram, Map.of("security.protocol", "PLAINTEXT"));
    say("sasl plaintext client", scram, Map.of("security.protocol", "SASL_PLAINTEXT"));
    say("ssl client", scram, Map.of("security.protocol", "SSL"));
    say("mutual no cert", mutual, Map.of("ssl.keystore.location", "", "ssl.keystore.type", "JKS"));
    say("mutual expired cert", mutual, Map.of("ssl.keystore.location", authority.issueExpired("camera-service").pem().toString()));
    say("mutual stranger's cert", mutual, Map.of("ssl.keystore.location", stranger().issue("camera-service").pem().toString()));
    for (Identity identity : List.of(authority.issueExpired("kafka"), authority.issueForAnotherHost("kafka"))) {
    HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(identity.tls()));
    server.start();
    say("server's cert", mutual, Map.of("bootstrap.servers", "127.0.0.1:" + server.getAddress().getPort()));
    server.stop(0);
    }
    try (SecuredKafka plain = SecuredKafka.start()) {
      say("tls to plain", mutual, Map.of("bootstrap.servers", plain.user().get("bootstrap.servers").toString()));
    }
    sayR("reg ca", Map.of("schema.registry.ssl.truststore.location", stranger));
    sayR("reg word", Map.of("basic.auth.user.info", "registrar:x"));
    sayR("reg http", Map.of("schema.registry.url", registry.client().get("schema.registry.url").replace("https", "http")));
  }

  private void sayR(String what, Map<String, String> changes) throws Exception {
    Map<String, String> settings = settings(scram);
    settings.putAll(changes);
    long start = System.nanoTime();
    try (SegmentationService service = NetworklessService.start(settings)) {
      System.out.println("PROBE " + what + " RUNS");
    } catch (RuntimeException e) {
      System.out.println("PROBE " + what + " " + (System.nanoTime() - start) / 1000000 + " ms " + e.getClass() + e.getMessage() + " <- " + e.getCause());
    }
  }

  private void say(String what, SecuredKafka kafka, Map<String, String> changes) throws Exception {
    Map<String, String> settings = settings(kafka);
    changes.forEach((k, v) -> { if (v.isEmpty()) settings.remove("streams." + k); else settings.put(k.startsWith("boot") ? k : "streams." + k, v);});
    long start = System.nanoTime();
    try (SegmentationService service = NetworklessService.start(settings)) {
      System.out.println("PROBE " + what + " RUNS");
    } catch (RuntimeException e) {
      System.out.println("PROBE " + what + " " + (System.nanoTime() - start) / 1000000 + " ms " + e.getClass() + e.getMessage() + " <- " + e.getCause());
    }
  }

  private static Map<String, String> settings(SecuredKafka kafka) throws Exception {
    Map<String, String> settings = new HashMap<>(registry.client());
    kafka.user().forEach((key, value) -> settings.put("streams." + key, value.toString()));
    settings.put("bootstrap.servers", settings.remove("streams.bootstrap.servers"));
    settings.put("application.id", "security-" + groups++);
    settings.put("frames.topics", "frames");
    settings.put("web.listen", "none");
    settings.put("streams.auto.offset.reset", "earliest");
    return settings;
  }

  private static void sendFrame(SecuredKafka kafka, String id) throws Exception {
    try (AvroEventSerde<FrameEvent> serde = new AvroEventSerde<>(FrameEvent.class);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(kafka.user(), new ByteArraySerializer(), new ByteArraySerializer())) {
      serde.configure(registry.client(), false);
      FrameEvent frame =
          FrameEvent.newBuilder()
              .setFrameId(id)
              .setCameraId("camera")
              .setSequence(1)
              .setCapturedAt(Instant.EPOCH)
              .setEncoding(FrameEncoding.GRAY8)
              .setWidth(8)
              .setHeight(8)
              .setPayload(ByteBuffer.allocate(64))
              .setAttributes(Map.of())
              .build();
      producer
          .send(new ProducerRecord<>("frames", serde.serializer().serialize("frames", frame)))
          .get();
    }
  }

  private static MaskEvent readMask(SecuredKafka kafka) throws Exception {
    Map<String, Object> settings = new HashMap<>(kafka.user());
    settings.put("group.id", "consumer-" + groups++);
    settings.put("auto.offset.reset", "earliest");
    settings.put("isolation.level", "read_committed");
    try (AvroEventSerde<MaskEvent> serde = new AvroEventSerde<>(MaskEvent.class);
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      serde.configure(registry.client(), false);
      consumer.subscribe(List.of("masks"));
      ConsumerRecords<byte[], byte[]> records = ConsumerRecords.empty();
      while (records.isEmpty()) {
        records = consumer.poll(Duration.ofSeconds(1));
      }
      return serde.deserializer().deserialize("masks", records.iterator().next().value());
    }
  }
}
