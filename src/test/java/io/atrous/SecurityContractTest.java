package io.atrous;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.parallel.ResourceAccessMode.READ;
import static org.junit.jupiter.api.parallel.ResourceLockTarget.CHILDREN;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.atrous.deadletter.DeadLetterTopic;
import io.atrous.embedded.SecuredKafka;
import io.atrous.embedded.SecuredRegistry;
import io.atrous.embedded.TestAuthority;
import io.atrous.embedded.TestAuthority.Identity;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.StartException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Brokers and a registry that ask who is there, over TLS. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = SecurityContractTest.SIGN_IN, mode = READ, target = CHILDREN)
@Tag("slow")
final class SecurityContractTest {

  /** Who may sign in with which password. */
  static final String SIGN_IN = "sign-in";

  /** The brokers' silence is waited for, for ten seconds. */
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir private static Path directory;

  private static TestAuthority authority;
  private static SecuredKafka scram;
  private static SecuredKafka mutual;
  private static SecuredRegistry registry;
  private static final AtomicInteger GROUPS = new AtomicInteger();

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

      RoundTrip trip = new RoundTrip(kafka.user(), registry.client());
      trip.send("frames", List.of(way.name()));

      assertThat(trip.framesOfMasks("masks", "consumer", 1)).containsExactly(way.name());
      assertThat(service.failure()).isEmpty();
    }
  }

  @Test
  @ResourceLock(SIGN_IN)
  void aUserThatIsRemovedLaterEndsTheServiceAndIsSaid() throws Exception {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    Logger log = (Logger) LoggerFactory.getLogger(SegmentationService.class);
    lines.start();
    log.addAppender(lines);
    try (SegmentationService service = NetworklessService.start(settings(scram))) {
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();

      scram.changePassword("another");

      assertThat(service.awaitEnd()).isEqualTo(SegmentationService.End.GAVE_UP);
      assertThat(lines.list)
          .extracting(ILoggingEvent::getFormattedMessage)
          .anyMatch(line -> line.contains("don't let this client sign in"));
    } finally {
      log.detachAppender(lines);
      scram.changePassword(SecuredKafka.PASSWORD);
    }
  }

  @Test
  void aBrokersCertificateThatIsNotTrustedIsSaid() throws Exception {
    String truststore = stranger().certificate().toString();

    assertThat(refusal(scram, Map.of("streams.ssl.truststore.location", truststore)))
        .contains("TLS with the brokers", "PKIX", "'streams.ssl.*'");
  }

  @Test
  void aBrokersCertificateThatHasExpiredIsSaid() throws Exception {
    assertThat(refusalOf(authority.issueExpired("kafka")))
        .contains("TLS with the brokers", "validity check failed");
  }

  @Test
  void aBrokersCertificateOfAnotherHostIsSaid() throws Exception {
    assertThat(refusalOf(authority.issueForAnotherHost("kafka")))
        .contains("TLS with the brokers", "127.0.0.1");
  }

  /** A broker checks its own certificate when it starts, so another server shows these. */
  private static String refusalOf(Identity identity) throws Exception {
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(identity.tls()));
    server.start();
    try {
      return refusal(
          scram, Map.of("bootstrap.servers", "127.0.0.1:" + server.getAddress().getPort()));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aClientsCertificateThatIsMissingIsSaid() throws Exception {
    assertThat(
            refusal(
                mutual,
                Map.of("streams.ssl.keystore.location", "", "streams.ssl.keystore.type", "")))
        .contains("TLS with the brokers", "certificate");
  }

  @Test
  void aClientsCertificateThatHasExpiredIsSaid() throws Exception {
    String keystore = authority.issueExpired("camera-service").pem().toString();

    assertThat(refusal(mutual, Map.of("streams.ssl.keystore.location", keystore)))
        .contains("TLS with the brokers", "certificate");
  }

  @Test
  void aClientsCertificateOfAnotherAuthorityIsSaid() throws Exception {
    String keystore = stranger().issue("camera-service").pem().toString();

    assertThat(refusal(mutual, Map.of("streams.ssl.keystore.location", keystore)))
        .contains("TLS with the brokers", "certificate");
  }

  @Test
  void aWrongPasswordIsSaid() throws Exception {
    String jaas = requireNonNull(settings(scram).get("streams.sasl.jaas.config"));

    assertThat(
            refusal(
                scram,
                Map.of(
                    "streams.sasl.jaas.config",
                    jaas.replace("password=\"", "password=\"s3cr3tM4rk"))))
        .contains("don't let this client sign in", "'streams.sasl.*'")
        .doesNotContain("s3cr3tM4rk");
  }

  @Test
  void aMechanismThatTheBrokersDoNotHaveIsSaid() throws Exception {
    assertThat(refusal(scram, Map.of("streams.sasl.mechanism", "SCRAM-SHA-256")))
        .contains("don't let this client sign in", "SCRAM-SHA-512");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAINTEXT", "SASL_PLAINTEXT", "SSL"})
  void anotherProtocolThanTheListenersIsNamed(String protocol) throws Exception {
    assertThat(refusal(scram, Map.of("streams.security.protocol", protocol)))
        .contains("No Kafka cluster answers", "'streams.security.protocol', which is " + protocol);
  }

  @Test
  void aStoreThatCanNotBeOpenedIsSaid() throws Exception {
    String truststore = authority.trustStore().toString();

    assertThat(
            refusal(
                mutual,
                Map.of(
                    "streams.ssl.truststore.type",
                    "PKCS12",
                    "streams.ssl.truststore.location",
                    truststore,
                    "streams.ssl.truststore.password",
                    "s3cr3tM4rk")))
        .contains("'streams.' settings", "password")
        .doesNotContain("s3cr3tM4rk");
  }

  @Test
  void aRegistrysCertificateThatIsNotTrustedIsSaid() throws Exception {
    String truststore = stranger().certificate().toString();

    assertThat(refusal(scram, Map.of("schema.registry.ssl.truststore.location", truststore)))
        .contains("'schema.registry.url'", "TLS fails", "schema.registry.ssl.*");
  }

  @Test
  void aRegistrysCertificateThatHasExpiredIsSaid() throws Exception {
    try (SecuredRegistry expired =
        SecuredRegistry.start(authority, authority.issueExpired("registry"))) {
      assertThat(refusal(scram, expired.client())).contains("TLS fails", "schema.registry.ssl.*");
    }
  }

  @Test
  void aWrongPasswordOfTheRegistryIsSaid() throws Exception {
    assertThat(refusal(scram, Map.of("basic.auth.user.info", "registrar:s3cr3tM4rk")))
        .contains("refuses the credentials", "basic.auth.user.info")
        .doesNotContain("s3cr3tM4rk");
  }

  @Test
  void toolsSayItToo() throws Exception {
    Map<String, String> settings = settings(scram);
    settings.put("streams.ssl.truststore.location", stranger().certificate().toString());

    assertThatThrownBy(
            () -> DeadLetterTopic.open(ServiceConfig.forTools(settings), System::nanoTime))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("TLS with the brokers");
  }

  private static TestAuthority stranger() throws Exception {
    return new TestAuthority(Files.createTempDirectory(directory, "stranger"));
  }

  /**
   * The sentence with which a start ends, soon.
   *
   * @param changes settings by key; those without a value are left out
   */
  private static String refusal(SecuredKafka kafka, Map<String, String> changes) throws Exception {
    Map<String, String> settings = settings(kafka);
    settings.putAll(changes);
    settings.values().removeIf(String::isEmpty);
    try (SegmentationService service =
        assertTimeout(SOON, () -> NetworklessService.start(settings))) {
      throw new AssertionError("It has started: " + service.end());
    } catch (StartException | ConfigException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static Map<String, String> settings(SecuredKafka kafka) throws Exception {
    Map<String, String> settings = new HashMap<>(registry.client());
    kafka.user().forEach((key, value) -> settings.put("streams." + key, value.toString()));
    settings.put("bootstrap.servers", settings.remove("streams.bootstrap.servers"));
    settings.put("application.id", "security-" + GROUPS.getAndIncrement());
    settings.put("frames.topics", "frames");
    settings.put("web.listen", "none");
    settings.put("streams.auto.offset.reset", "earliest");
    return settings;
  }
}
