package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.ServiceConfig.InputSize;
import io.atrous.ServiceConfig.ProcessingGuarantee;
import io.atrous.stream.CameraId;
import io.atrous.stream.CameraWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ServiceConfigTest {

  private static final Map<String, String> REQUIRED =
      Map.of(
          "application.id", "street-lights",
          "bootstrap.servers", "localhost:9092",
          "schema.registry.url", "http://localhost:8081",
          "frames.topics", "frames",
          "model.file", "street.safetensors");

  @TempDir Path directory;

  @Test
  void theRequiredKeysSuffice() {
    ServiceConfig config = ServiceConfig.of(REQUIRED);

    assertThat(config.guarantee()).isEqualTo(ProcessingGuarantee.EXACTLY_ONCE_V2);
    assertThat(config.framesTopics()).containsExactly("frames");
    assertThat(config.masksTopic()).isEqualTo("masks");
    assertThat(config.workerThreads()).isPositive();
    assertThat(config.schemaRegistrySettings())
        .containsEntry("schema.registry.url", "http://localhost:8081");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application.id", "bootstrap.servers", "schema.registry.url", "model.file"})
  void aMissingKeyIsNamed(String key) {
    Map<String, String> settings = new HashMap<>(REQUIRED);
    settings.remove(key);

    assertThatThrownBy(() -> ServiceConfig.of(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key);
  }

  @Test
  void anUnknownKeyFailsWithTheNearestKnownOne() {
    assertThatThrownBy(() -> ServiceConfig.of(with("batch.max.sise", "4")))
        .isInstanceOf(ConfigException.class)
        .hasMessage("Unknown key 'batch.max.sise'; did you mean 'batch.max.size'?");
  }

  @ParameterizedTest
  @MethodSource("reservedKeys")
  void everyReservedClientKeyIsRefusedWithAReasonForEveryClient(String key) {
    for (String prefix : Stream.concat(Stream.of(""), clientPrefixes()).toList()) {
      assertThatThrownBy(() -> ServiceConfig.of(with("streams." + prefix + key, "x")))
          .isInstanceOf(ConfigException.class)
          .hasMessageStartingWith("'streams." + prefix + key + "' can't be set: ");
    }
  }

  private static Stream<String> reservedKeys() {
    return ReservedKeys.reasons().keySet().stream();
  }

  private static Stream<String> clientPrefixes() {
    return ReservedKeys.CLIENT_PREFIXES.stream();
  }

  @Test
  void readsTheWeightsOfCameras() {
    assertThat(
            ServiceConfig.of(with(ServiceConfig.CAMERA_WEIGHTS, "gate-7=4, a=b=2")).cameraWeights())
        .isEqualTo(
            new CameraWeights(Map.of(CameraId.named("gate-7"), 4, CameraId.named("a=b"), 2)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gate-7", "=3", "gate-7=much", "gate-7=1,gate-7=2"})
  void refusesWeightsThatAreNone(String weights) {
    assertThatThrownBy(() -> ServiceConfig.of(with(ServiceConfig.CAMERA_WEIGHTS, weights)))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(
            "'camera.weights': camera=weight, each camera once, is expected, not '");
  }

  @Test
  void refusesAWeightBeyondTheLargest() {
    assertThatThrownBy(() -> ServiceConfig.of(with(ServiceConfig.CAMERA_WEIGHTS, "gate-7=101")))
        .hasMessage("'camera.weights': the weight of camera 'gate-7' is 1 to 100, not 101");
  }

  @Test
  void otherClientSettingsPassThrough() {
    ServiceConfig config =
        ServiceConfig.of(
            with("streams.security.protocol", "SSL", "streams.consumer.fetch.max.bytes", "1000"));

    assertThat(StreamsProperties.of(config))
        .containsEntry("security.protocol", "SSL")
        .containsEntry("consumer.fetch.max.bytes", "1000")
        .containsEntry("processing.guarantee", "exactly_once_v2");
  }

  @Test
  void topicsAreNamedOrMatchedButNotBoth() {
    assertThatThrownBy(() -> ServiceConfig.of(with("frames.topics.pattern", "cam-.*")))
        .hasMessageContaining("exactly one of 'frames.topics' and 'frames.topics.pattern'");
    assertThatThrownBy(() -> ServiceConfig.of(with("frames.topics", "")))
        .hasMessageContaining("exactly one of 'frames.topics' and 'frames.topics.pattern'");
    assertThat(
            ServiceConfig.of(with("frames.topics", "", "frames.topics.pattern", "cam-.*"))
                .framesTopicsPattern())
        .hasValueSatisfying(pattern -> assertThat(pattern.pattern()).isEqualTo("cam-.*"));
  }

  @Test
  void aPatternDoesNotGoWithTheStreamsGroupProtocol() {
    assertThatThrownBy(
            () ->
                ServiceConfig.of(
                    with(
                        "frames.topics", "",
                        "frames.topics.pattern", "cam-.*",
                        "streams.group.protocol", "streams")))
        .hasMessageContaining("'frames.topics.pattern' does not work with");
  }

  @Test
  void aTopicThatIsBothReadAndWrittenIsRefused() {
    assertThatThrownBy(() -> ServiceConfig.of(with("masks.topic", "frames")))
        .hasMessageContaining("'frames' is both input and output");
    assertThatThrownBy(
            () -> ServiceConfig.of(with("frames.topics", "", "frames.topics.pattern", ".*")))
        .hasMessageContaining("is both input and output");
    assertThatThrownBy(() -> ServiceConfig.of(with("masks.topic", "regions")))
        .hasMessageContaining("must be three topics");
  }

  @Test
  void aDrainThatOutlastsTheTransactionOrThePollIntervalIsRefused() {
    assertThatThrownBy(() -> ServiceConfig.of(with("drain.timeout.ms", "10000")))
        .hasMessageContaining("drain.timeout.ms")
        .hasMessageContaining("streams.producer.transaction.timeout.ms");
    assertThatThrownBy(
            () ->
                ServiceConfig.of(
                    with(
                        "processing.guarantee", "at_least_once",
                        "streams.consumer.max.poll.interval.ms", "4000")))
        .hasMessageContaining("streams.consumer.max.poll.interval.ms");
    assertThat(
            ServiceConfig.of(
                    with("processing.guarantee", "at_least_once", "drain.timeout.ms", "10000"))
                .drainTimeoutMillis())
        .isEqualTo(10_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.input.size=256",
        "model.input.size=0x448",
        "batch.max.size=0",
        "mask.codec=gif",
        "mask.confidence=some",
        "frames.topics.pattern=[",
        "processing.guarantee=exactly_once",
        "frames.references.allowed.prefixes=file:///",
        "frames.references.s3.endpoint=nowhere",
        "frames.references.connect.timeout.ms=1500",
        "streams.producer.max.request.size=8MB",
        "streams.producer.max.request.size=100",
      })
  void anImpossibleValueIsRefusedWithItsKey(String setting) {
    String key = setting.substring(0, setting.indexOf('='));

    assertThatThrownBy(() -> ServiceConfig.of(with(key, setting.substring(key.length() + 1))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key);
  }

  @Test
  void aFrameMayNotWaitForTheRegistryAndItsPayloadAsLongAsADrain() {
    assertThatThrownBy(() -> ServiceConfig.of(with("schema.registry.request.deadline.ms", "5000")))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "'schema.registry.request.deadline.ms' (5000) must stay below 'drain.timeout.ms' (5000)");
    assertThatThrownBy(
            () ->
                ServiceConfig.of(
                    with(
                        "frames.references.allowed.prefixes", "s3://bucket",
                        "schema.registry.request.deadline.ms", "3000")))
        .hasMessage(
            "'schema.registry.request.deadline.ms' (3000) and 'frames.references.timeout.ms' (2000)"
                + " together must stay below 'drain.timeout.ms' (5000)");
  }

  @Test
  void aFetchThatOutlastsHalfOfADrainIsRefusedIfAnythingIsFetched() {
    assertThatThrownBy(
            () ->
                ServiceConfig.of(
                    with(
                        "frames.references.allowed.prefixes", "s3://bucket",
                        "frames.references.timeout.ms", "2501")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'frames.references.timeout.ms' (2501)")
        .hasMessageContaining("'drain.timeout.ms' (5000)");
    assertThat(ServiceConfig.of(with("drain.timeout.ms", "3000")).references().allowed()).isEmpty();
  }

  @Test
  void secretsAreNeverRepeated() {
    String secret = "hunter2";

    assertThat(
            ServiceConfig.of(
                    with(
                        "frames.references.s3.access.key",
                        "id",
                        "frames.references.s3.secret.key",
                        secret))
                .references())
        .asString()
        .doesNotContain(secret);
    assertThatThrownBy(() -> ServiceConfig.of(with("frames.references.s3.secret.key", secret)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("frames.references.s3.access.key")
        .hasMessageNotContaining(secret);
    assertThatThrownBy(
            () ->
                ServiceConfig.of(
                    with(
                        "frames.references.allowed.prefixes",
                        "https://user:" + secret + "@store/")))
        .isInstanceOf(ConfigException.class)
        .hasMessageNotContaining(secret);
  }

  @Test
  void inputSizesAreHeightTimesWidth() {
    assertThat(ServiceConfig.of(with("model.input.size", "256x448")).modelInputSize())
        .contains(new InputSize(256, 448));
  }

  @Test
  void theCommandLineGoesBeforeTheEnvironmentAndThatBeforeTheFile() throws IOException {
    Path file = directory.resolve("atrous.properties");
    Files.write(file, List.of("application.id=file", "masks.topic=file ", "regions.topic=file"));

    Map<String, String> merged =
        ServiceConfig.merge(
            file,
            Map.of(
                "ATROUS_APPLICATION_ID", "environment",
                "ATROUS_MASKS_TOPIC", "environment",
                "PATH", "/bin"),
            Map.of("application.id", "command line"));

    assertThat(merged)
        .containsOnly(
            Map.entry("application.id", "command line"),
            Map.entry("masks.topic", "environment"),
            Map.entry("regions.topic", "file"));
  }

  @Test
  void aConfigurationFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> ServiceConfig.merge(directory.resolve("nowhere"), Map.of(), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("nowhere: there is no such file");
  }

  @Test
  void theEditDistanceCountsInsertionsDeletionsAndSubstitutions() {
    assertThat(NearestKey.editDistance("", "abc")).isEqualTo(3);
    assertThat(NearestKey.editDistance("kitten", "sitting")).isEqualTo(3);
    assertThat(NearestKey.editDistance("same", "same")).isZero();
  }

  private static Map<String, String> with(String... keysAndValues) {
    Map<String, String> settings = new HashMap<>(REQUIRED);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return settings;
  }
}
