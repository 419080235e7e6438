package io.atrous.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ServiceConfigTest {

  static final Map<String, String> REQUIRED =
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

    assertThat(KafkaKeys.guarantee(config)).isEqualTo(ProcessingGuarantee.EXACTLY_ONCE_V2);
    assertThat(TopicKeys.frames(config).contains("frames")).isTrue();
    assertThat(TopicKeys.outputs(config)).containsExactly("masks", "regions", "dead-letters");
    assertThat(FrameKeys.workers(config)).isPositive();
    assertThat(RegistryKeys.properties(config))
        .containsOnly(Map.entry("schema.registry.url", "http://localhost:8081"));
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
  @ValueSource(strings = {"gate-7", "=3", "gate-7=much", "gate-7=1,gate-7=2"})
  void refusesWeightsThatAreNone(String weights) {
    assertThatThrownBy(() -> ServiceConfig.of(with(FrameKeys.CAMERA_WEIGHTS, weights)))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(
            "'camera.weights': camera=weight, each camera once, is expected, not '");
  }

  @Test
  void refusesAWeightBeyondTheLargest() {
    assertThatThrownBy(() -> ServiceConfig.of(with(FrameKeys.CAMERA_WEIGHTS, "gate-7=101")))
        .hasMessage("'camera.weights': the weight of camera 'gate-7' is 1 to 100, not 101");
  }

  @Test
  void aLivePageNeedsAnAddress() {
    assertThatThrownBy(() -> ServiceConfig.of(with("web.live", "true", "web.listen", "none")))
        .isInstanceOf(ConfigException.class)
        .hasMessage("'web.live' = true needs an address, and 'web.listen' is none");
  }

  @Test
  void topicsAreNamedOrMatchedButNotBoth() {
    assertThatThrownBy(() -> ServiceConfig.of(with("frames.topics.pattern", "cam-.*")))
        .hasMessageContaining("exactly one of 'frames.topics' and 'frames.topics.pattern'");
    assertThatThrownBy(() -> ServiceConfig.of(with("frames.topics", "")))
        .hasMessageContaining("exactly one of 'frames.topics' and 'frames.topics.pattern'");
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
    assertThatCode(
            () ->
                ServiceConfig.of(
                    with("processing.guarantee", "at_least_once", "drain.timeout.ms", "10000")))
        .doesNotThrowAnyException();
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
        "regions.max.points.per.frame=1000",
        "basic.auth.user.info=user",
        "outcome.headers.copied=site, TraceParent",
        "outcome.headers.copied=tracestate",
        "outcome.headers.max.bytes=-1",
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
  void aFrameMayNotWaitForTheRegistryLongerThanHalfOfWhatItsPayloadLeavesOfADrain() {
    assertThatThrownBy(() -> ServiceConfig.of(with("schema.registry.request.deadline.ms", "2501")))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "'schema.registry.request.deadline.ms' (2501) can't be more than half of"
                + " 'drain.timeout.ms' (5000)");
    assertThatThrownBy(
            () ->
                ServiceConfig.of(
                    with(
                        "frames.references.allowed.prefixes", "s3://bucket",
                        "schema.registry.request.deadline.ms", "1501")))
        .hasMessage(
            "'schema.registry.request.deadline.ms' (1501) can't be more than half of"
                + " 'drain.timeout.ms' (5000) less 'frames.references.timeout.ms' (2000)");
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
    assertThatCode(() -> ServiceConfig.of(with("drain.timeout.ms", "3000")))
        .doesNotThrowAnyException();
  }

  @Test
  void secretsAreNeverRepeated() {
    String secret = "hunter2";

    assertThat(
            ClaimCheckKeys.payloads(
                ServiceConfig.of(
                    with(
                        "frames.references.s3.access.key",
                        "id",
                        "frames.references.s3.secret.key",
                        secret))))
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
  void aByteOrderMarkIsNoPartOfTheFirstKeyAndAnotherEncodingIsNamed() throws IOException {
    Path file = directory.resolve("atrous.properties");
    Files.writeString(file, "\uFEFFapplication.id=straße\n");

    assertThat(ServiceConfig.merge(file, Map.of(), Map.of()))
        .containsOnly(Map.entry("application.id", "straße"));

    for (Charset encoding : List.of(StandardCharsets.UTF_16, StandardCharsets.ISO_8859_1)) {
      Files.writeString(file, "application.id=straße\n", encoding);
      assertThatThrownBy(() -> ServiceConfig.merge(file, Map.of(), Map.of()))
          .isInstanceOf(ConfigException.class)
          .hasMessageStartingWith("Cannot read the configuration file " + file + ": it is ")
          .hasMessageContaining("not UTF-8");
    }
  }

  @Test
  void toolsNeedNeitherAModelNorInputTopics() {
    Map<String, String> settings = with("batch.max.size", "4");
    settings.remove("model.file");
    settings.remove("frames.topics");

    AbstractConfig config = ServiceConfig.forTools(settings);

    assertThat(TopicKeys.framesIfNamed(config)).isEmpty();
    assertThat(config.getString(TopicKeys.DEAD_LETTERS_TOPIC)).isEqualTo("dead-letters");
    assertThat(ClientSettings.admin(config)).containsEntry("bootstrap.servers", "localhost:9092");
  }

  @Test
  void toolsRefuseWhatTheServiceRefuses() {
    assertThatThrownBy(() -> ServiceConfig.forTools(with("batch.max.sise", "4")))
        .hasMessage("Unknown key 'batch.max.sise'; did you mean 'batch.max.size'?");
    assertThatThrownBy(() -> ServiceConfig.forTools(with("streams.max.poll.records", "abc")))
        .hasMessageContaining("streams.max.poll.records");
  }

  static Map<String, String> with(String... keysAndValues) {
    Map<String, String> settings = new HashMap<>(REQUIRED);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return settings;
  }
}
