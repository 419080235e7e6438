package io.atrous.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.event.ModelReference;
import io.atrous.frame.OrientationPolicy;
import io.atrous.inference.EngineChoice;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.logging.LogFormat;
import io.atrous.mask.ConfidenceLevels;
import io.atrous.mask.MaskFormat;
import io.atrous.mask.RegionOptions;
import io.atrous.model.Model;
import io.atrous.model.ModelSpec;
import io.atrous.stream.CameraId;
import io.atrous.stream.FrameTopics;
import io.atrous.stream.ResultSettings;
import io.atrous.web.ListenAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sets each key to a value that is not its default, and finds it where it is used: a key that is
 * added and not wired fails here.
 */
final class EveryKeyArrivesTest {

  private static final ModelSpec MODEL = Model.named(Model.SHIPPED).spec();

  /** Keys of Confluent's that can have only one value, which is their default. */
  private static final Set<String> FIXED =
      Set.of(
          "avro.remove.java.properties",
          "specific.avro.reader",
          "bearer.auth.credentials.source",
          "schema.registry.ssl.endpoint.identification.algorithm",
          "schema.registry.ssl.engine.factory.class");

  /**
   * A key, and where its value arrives.
   *
   * @param text the value as a user writes it
   * @param companions settings without which it is refused
   * @param reader takes the value out of the record or properties it belongs to
   */
  private record Arrival(
      String key,
      String text,
      Map<String, String> companions,
      Function<ServiceConfig, @Nullable Object> reader,
      Object expected) {

    ServiceConfig config(boolean set) {
      Map<String, String> settings = new HashMap<>(ServiceConfigTest.REQUIRED);
      settings.putAll(companions);
      if (set) {
        settings.put(key, text);
      }
      return ServiceConfig.of(settings);
    }

    /** Whether its companions are refused without it. */
    boolean isNeeded() {
      return !companions.isEmpty();
    }

    @Override
    public String toString() {
      return key;
    }
  }

  private static Arrival arrives(
      String key, String text, Object expected, Function<ServiceConfig, @Nullable Object> reader) {
    return new Arrival(key, text, Map.of(), reader, expected);
  }

  private static Arrival inStreams(String key, String text, String property, Object expected) {
    return arrives(key, text, expected, config -> StreamsProperties.of(config).get(property));
  }

  private static Arrival inRegistry(String key, String text, Object expected) {
    return inRegistry(key, text, expected, Map.of());
  }

  private static Arrival inRegistry(
      String key, String text, Object expected, Map<String, String> companions) {
    return new Arrival(
        key, text, companions, config -> RegistryKeys.registry(config).values().get(key), expected);
  }

  private static EngineSettings engine(ServiceConfig config) {
    return NetworkKeys.engine(config, MODEL);
  }

  private static RegionOptions regions(ServiceConfig config) {
    return ResultKeys.regions(config, MODEL.classes());
  }

  private static ResultSettings results(ServiceConfig config) {
    return ResultKeys.results(config, new ModelReference("", "", "", ""), regions(config));
  }

  private static Stream<Arrival> arrivals() {
    return Stream.of(kafka(), topics(), frames(), claimChecks(), network(), results(), registry())
        .flatMap(Function.identity());
  }

  private static Stream<Arrival> kafka() {
    return Stream.of(
        inStreams("application.id", "other", "application.id", "other"),
        inStreams("bootstrap.servers", "a:1, b:2", "bootstrap.servers", "a:1,b:2"),
        inStreams("processing.guarantee", "at_least_once", "processing.guarantee", "at_least_once"),
        inStreams("stream.threads", "7", "num.stream.threads", 7),
        inStreams("commit.interval.ms", "77", "commit.interval.ms", 77),
        arrives("window.frames", "9", 9, config -> TopicKeys.topology(config).windowFrames()),
        arrives(
            "drain.timeout.ms",
            "4100",
            Duration.ofMillis(4100),
            config -> TopicKeys.topology(config).drainTimeout()),
        arrives(
            "shutdown.timeout.ms", "9100", Duration.ofMillis(9100), KafkaKeys::shutdownTimeout));
  }

  private static Stream<Arrival> topics() {
    return Stream.of(
        arrives(
            "frames.topics",
            "a, b",
            FrameTopics.named(Set.of("a", "b")),
            config -> TopicKeys.topology(config).frames()),
        new Arrival(
            "frames.topics.pattern",
            "cam-[0-9]+",
            Map.of("frames.topics", ""),
            config ->
                TopicKeys.framesIfNamed(config)
                    .map(frames -> frames.contains("cam-7") && !frames.contains("cam-x")),
            Optional.of(true)),
        arrives("masks.topic", "m", "m", config -> TopicKeys.topology(config).masksTopic()),
        arrives("regions.topic", "r", "r", config -> TopicKeys.topology(config).regionsTopic()),
        arrives(
            "dead.letters.topic",
            "d",
            "d",
            config -> TopicKeys.topology(config).deadLettersTopic()),
        arrives(
            "dead.letters.max.value.bytes", "10", 10, config -> results(config).maxSourceBytes()));
  }

  private static Stream<Arrival> frames() {
    return Stream.of(
        arrives(
            "frames.max.bytes",
            "1000",
            List.of(1000, 1000),
            config ->
                List.of(
                    FrameKeys.limits(config).image().maxPayloadBytes(),
                    ClaimCheckKeys.payloads(config).maxBytes())),
        arrives(
            "frames.max.pixels",
            "900",
            900,
            config -> FrameKeys.limits(config).image().maxPixels()),
        arrives("frames.max.id.bytes", "80", 80, config -> FrameKeys.limits(config).maxIdBytes()),
        arrives(
            "frames.max.attributes", "3", 3, config -> FrameKeys.limits(config).maxAttributes()),
        arrives(
            "frames.max.attributes.bytes",
            "99",
            99,
            config -> FrameKeys.limits(config).maxAttributesBytes()),
        arrives(
            "frames.max.age.ms",
            "700",
            Duration.ofMillis(700),
            config -> FrameKeys.shedding(config).maxAge()),
        arrives(
            "frames.max.skew.ms",
            "800",
            Duration.ofMillis(800),
            config -> FrameKeys.shedding(config).maxSkew()),
        arrives(
            "frames.latest.only", "true", true, config -> FrameKeys.shedding(config).latestOnly()),
        arrives(
            "frames.shed.accounting",
            "counter",
            false,
            config -> FrameKeys.shedding(config).deadLetters()),
        arrives(
            "camera.weights",
            "gate-7=4, a=b=2",
            Map.of(CameraId.named("gate-7"), 4, CameraId.named("a=b"), 2),
            config -> FrameKeys.weights(config).byCamera()),
        arrives(
            "frames.exif.orientation",
            "apply",
            OrientationPolicy.APPLY,
            FrameKeys::orientationPolicy),
        arrives("worker.threads", "123", 123, FrameKeys::workers));
  }

  private static Stream<Arrival> claimChecks() {
    String references = "frames.references.";
    return Stream.of(
        arrives(
            references + "allowed.prefixes",
            "s3://bucket/a",
            "[s3://bucket/a]",
            config -> ClaimCheckKeys.payloads(config).allowed().toString()),
        arrives(
            references + "threads",
            "5",
            5,
            config -> ClaimCheckKeys.payloads(config).threadsPerPrefix()),
        arrives(
            references + "timeout.ms",
            "1900",
            Duration.ofMillis(1900),
            config -> ClaimCheckKeys.payloads(config).timeout()),
        arrives(
            references + "request.timeout.ms",
            "900",
            Duration.ofMillis(900),
            config -> ClaimCheckKeys.payloads(config).requestTimeout()),
        arrives(
            references + "connect.timeout.ms",
            "300",
            Duration.ofMillis(300),
            config -> ClaimCheckKeys.payloads(config).connectTimeout()),
        arrives(
            references + "s3.endpoint",
            "https://store:9000",
            URI.create("https://store:9000"),
            config -> ClaimCheckKeys.payloads(config).s3().endpoint()),
        arrives(
            references + "s3.region",
            "moon-1",
            "moon-1",
            config -> ClaimCheckKeys.payloads(config).s3().region()),
        arrives(
            references + "s3.path.style.access",
            "true",
            true,
            config -> ClaimCheckKeys.payloads(config).s3().pathStyle()),
        new Arrival(
            references + "s3.access.key",
            "id",
            Map.of(references + "s3.secret.key", "s"),
            config -> ClaimCheckKeys.payloads(config).s3().accessKey(),
            "id"),
        new Arrival(
            references + "s3.secret.key",
            "s",
            Map.of(references + "s3.access.key", "id"),
            config -> ClaimCheckKeys.payloads(config).s3().secretKey(),
            "s"));
  }

  private static Stream<Arrival> network() {
    return Stream.of(
        arrives(
            "model.file",
            "builtin:other",
            "builtin:other",
            config -> config.getString("model.file")),
        arrives("model.untrained", "true", true, NetworkKeys::allowsUntrained),
        arrives("model.reload", "watch", ReloadTrigger.WATCH, NetworkKeys::reload),
        arrives(
            "model.input.size",
            "96x160",
            List.of(96, 160),
            config -> List.of(engine(config).inputHeight(), engine(config).inputWidth())),
        arrives(
            "inference.device",
            "cuda:1",
            ExecutionTarget.parse("cuda:1"),
            config -> engine(config).target()),
        arrives("inference.engine", "torch", EngineChoice.TORCH, NetworkKeys::engineChoice),
        arrives(
            "inference.precision",
            "bf16",
            PrecisionChoice.BF16,
            config -> engine(config).precision()),
        arrives("inference.int8.max.loss", "0.25", 0.25, config -> engine(config).int8MaxLoss()),
        arrives("inference.kernel.search", "true", true, config -> engine(config).kernelSearch()),
        arrives("inference.threads", "123", 123, config -> engine(config).threads()),
        arrives(
            "batch.max.size",
            "3",
            List.of(3, 3),
            config ->
                List.of(
                    engine(config).maxBatchSize(), NetworkKeys.batching(config, 1).maxBatchSize())),
        arrives(
            "batch.queue.delay.ms",
            "33",
            Duration.ofMillis(33),
            config -> NetworkKeys.batching(config, 1).maxQueueDelay()));
  }

  private static Stream<Arrival> results() {
    return Stream.of(
        arrives("mask.codec", "png", MaskFormat.PNG, config -> results(config).maskFormat()),
        arrives("mask.confidence", "none", false, config -> engine(config).confidence()),
        new Arrival(
            "mask.confidence.levels",
            "5",
            Map.of("mask.confidence", "map"),
            config ->
                Optional.ofNullable(results(config).confidenceLevels())
                    .map(ConfidenceLevels::count),
            Optional.of(5)),
        arrives("regions.max.per.frame", "7", 7, config -> regions(config).maxRegions()),
        arrives(
            "regions.max.points.per.polygon",
            "70",
            70,
            config -> regions(config).maxPointsPerPolygon()),
        arrives(
            "regions.max.points.per.frame", "7000", 7000, config -> regions(config).maxPoints()),
        arrives(
            "regions.min.area.fraction", "0.5", 0.5, config -> regions(config).minAreaFraction()),
        arrives(
            "regions.tolerance.pixels",
            "2.5",
            2.5,
            config -> regions(config).toleranceMaskPixels()),
        arrives(
            "regions.ignored.classes",
            MODEL.classes().classes().get(1).name(),
            Set.of(1),
            config -> regions(config).ignoredClasses()),
        arrives(
            "outcome.headers.copied",
            "site, line",
            Set.of("site", "line"),
            config -> results(config).headers().copied()),
        arrives(
            "outcome.headers.max.bytes",
            "90",
            90,
            config -> results(config).headers().maxCopiedBytes()));
  }

  private static Stream<Arrival> registry() {
    List<Arrival> arrivals = new ArrayList<>();
    Map<String, String> userInfo = Map.of("basic.auth.credentials.source", "USER_INFO");
    arrivals.add(inRegistry("schema.registry.url", "https://r:1", List.of("https://r:1")));
    arrivals.add(inRegistry("auto.register.schemas", "false", false));
    arrivals.add(
        inRegistry("use.latest.version", "true", true, Map.of("auto.register.schemas", "false")));
    arrivals.add(inRegistry("latest.compatibility.strict", "false", false));
    arrivals.add(inRegistry("normalize.schemas", "true", true));
    for (String strategy : List.of("key.subject.name.strategy", "value.subject.name.strategy")) {
      arrivals.add(inRegistry(strategy, "RecordNameStrategy", "RecordNameStrategy"));
    }
    arrivals.add(
        inRegistry(
            "basic.auth.credentials.source",
            "USER_INFO",
            "USER_INFO",
            Map.of("basic.auth.user.info", "u:p")));
    arrivals.add(inRegistry("basic.auth.user.info", "u:p", new Password("u:p"), userInfo));
    arrivals.add(inRegistry("bearer.auth.token", "t", new Password("t")));
    for (String millis :
        List.of(
            "http.connect.timeout.ms",
            "http.read.timeout.ms",
            "retries.wait.ms",
            "retries.max.wait.ms")) {
      arrivals.add(inRegistry(millis, "123", 123));
    }
    arrivals.add(inRegistry("schema.registry.request.deadline.ms", "1900", 1900));
    arrivals.add(
        arrives(
            "event.serde",
            "com.example.Missing",
            true,
            config -> isMissing("com.example.Missing", config)));
    arrivals.add(
        arrives(
            "web.listen", "*:8080", Optional.of(new ListenAddress("*", 8080)), WebKeys::listen));
    arrivals.add(arrives("web.live", "true", true, WebKeys::isLive));
    arrivals.add(
        arrives(
            "web.live.hosts",
            "Cameras.example, atrous",
            Set.of("cameras.example", "atrous", "127.0.0.1"),
            WebKeys::liveHosts));
    arrivals.add(arrives("tracing.enabled", "true", true, TracingKeys::isEnabled));
    arrivals.add(arrives("log.format", "json", Optional.of(LogFormat.JSON), LogKeys::format));
    arrivals.add(inRegistry("max.retries", "0", 0));
    String ssl = "schema.registry.ssl.";
    for (String secret :
        List.of(
            "key.password",
            "keystore.certificate.chain",
            "keystore.key",
            "keystore.password",
            "truststore.certificates",
            "truststore.password")) {
      arrivals.add(inRegistry(ssl + secret, "s", new Password("s")));
    }
    for (String text :
        List.of(
            "keystore.location",
            "keystore.type",
            "keymanager.algorithm",
            "protocol",
            "provider",
            "secure.random.implementation",
            "truststore.location",
            "truststore.type",
            "trustmanager.algorithm")) {
      arrivals.add(inRegistry(ssl + text, "other", "other"));
    }
    for (String list : List.of("cipher.suites", "enabled.protocols")) {
      arrivals.add(inRegistry(ssl + list, "a,b", List.of("a", "b")));
    }
    return arrivals.stream();
  }

  /** Whether that class is looked for to encode events. */
  private static boolean isMissing(String serdeClass, ServiceConfig config) {
    try {
      RegistryKeys.serdes(config).close();
      return false;
    } catch (ConfigException e) {
      return String.valueOf(e.getMessage()).contains(serdeClass);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("arrivals")
  void aKeyArrivesWhereItIsUsed(Arrival arrival) {
    assertThat(arrival.reader().apply(arrival.config(true))).isEqualTo(arrival.expected());
    if (!arrival.isNeeded()) {
      assertThat(arrival.reader().apply(arrival.config(false)))
          .as("the default")
          .isNotEqualTo(arrival.expected());
    }
  }

  @Test
  void everyKeyIsNamedHere() {
    assertThat(Stream.concat(arrivals().map(Arrival::key), FIXED.stream()))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(ServiceConfig.DEFINITION.names());
  }
}
