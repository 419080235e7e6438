package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.KafkaCluster;
import io.atrous.embedded.KafkaTest;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.settings.ProcessingGuarantee;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The service on whatever cluster there is: Kafka's own image, or the embedded broker. */
@KafkaTest
@Timeout(180)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class ClusterContractTest {

  private static final int FRAMES = 50;

  @ParameterizedTest
  @CsvSource({
    "EXACTLY_ONCE_V2, classic",
    "AT_LEAST_ONCE, classic",
    "EXACTLY_ONCE_V2, streams",
    "AT_LEAST_ONCE, streams"
  })
  void framesAreProducedSegmentedAndConsumedInOrderOnce(
      ProcessingGuarantee guarantee, String protocol, KafkaCluster kafka) throws Exception {
    String name = guarantee.key().replace('_', '-') + "-" + protocol;
    Map<String, String> topics =
        Map.of(
            "frames.topics", name + "-frames",
            "masks.topic", name + "-masks",
            "regions.topic", name + "-regions",
            "dead.letters.topic", name + "-dead-letters");
    kafka.createTopics(topics.values());
    try (LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start()) {
      Map<String, String> registryClient = Map.of("schema.registry.url", registry.url().toString());
      Map<String, String> settings = new HashMap<>(topics);
      settings.putAll(registryClient);
      settings.put("bootstrap.servers", kafka.bootstrapServers());
      settings.put("application.id", name);
      settings.put("processing.guarantee", guarantee.key());
      settings.put("web.listen", "none");
      settings.put("streams.group.protocol", protocol);
      settings.put("streams.auto.offset.reset", "earliest");
      RoundTrip trip = new RoundTrip(kafka.client(), registryClient);
      List<String> frameIds = IntStream.range(0, FRAMES).mapToObj(String::valueOf).toList();
      trip.send(name + "-frames", frameIds);

      try (SegmentationService service = NetworklessService.start(settings)) {
        assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();

        assertThat(trip.framesOfMasks(name + "-masks", name + "-consumer", FRAMES))
            .containsExactlyElementsOf(frameIds);
        assertThat(service.failure()).isEmpty();
      }
    }
  }
}
