package io.atrous.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.Await;
import io.atrous.SegmentationService.End;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.event.Topics;
import io.atrous.model.Model;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ProcessingGuarantee;
import io.atrous.settings.TopicKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The whole service, in a JVM of its own and on a real broker, around a device that never comes
 * back from a call: the process ends without a word to anybody, and the next one answers all.
 */
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class HungDeviceContractTest {

  private static final String APPLICATION = "hung-device";
  private static final int FRAMES = 12;
  private static final int PARTITIONS = 2;
  private static final long PATIENCE_MILLIS = 120_000;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(ProcessingGuarantee.class)
  void endsTheProcessAtOnceWithoutACommitOrADeadLetterAndTheNextStartAnswersAll(
      ProcessingGuarantee guarantee) throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(1, Timeouts.SHORT.broker());
        LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
        Group group = new Group(kafka.bootstrapServers(), APPLICATION, "classic")) {
      for (String topic :
          List.of(Topics.FRAMES, Topics.MASKS, Topics.REGIONS, Topics.DEAD_LETTERS)) {
        kafka.createTopic(topic, PARTITIONS);
      }
      String url = registry.url().toString();
      Map<String, String> settings = settings(guarantee, kafka.bootstrapServers(), url);
      try (Downstream downstream = new Downstream(kafka.bootstrapServers(), url, true);
          CameraTraffic traffic = traffic(kafka.bootstrapServers(), url)) {
        ServiceProcess hanging = start("hanging", settings);
        try {
          Await.until("it has partitions", () -> group.partitionsOf(hanging).size() == PARTITIONS);
          assertThat(hanging.inject(EngineFault.HANGS)).isTrue();
          traffic.start();

          assertThat(hanging.awaitExit(PATIENCE_MILLIS)).isTrue();
        } finally {
          hanging.kill();
        }
        Await.until("all frames are there", () -> traffic.framesIn() == FRAMES);
        traffic.finish();

        assertThat(hanging.exitCode()).isEqualTo(End.DEVICE_HUNG.exitCode()).isEqualTo(4);
        assertThat(group.committed().values()).allMatch(offset -> offset == 0);
        Map<TopicPartition, Long> written = group.ends(downstream.partitions(), false);
        assertThat(written.values()).as("masks, regions and dead letters").containsOnly(0L);

        ServiceProcess next = start("next", settings);
        try {
          Await.until("all is committed", () -> group.committed().equals(traffic.ends()));
          next.terminate();
          assertThat(next.awaitExit(PATIENCE_MILLIS)).isTrue();
        } finally {
          next.kill();
        }

        assertThat(next.exitCode()).isEqualTo(End.CLOSED.exitCode()).isZero();
        DownstreamReading read = downstream.readToEnd(group.ends(downstream.partitions(), true));
        assertThat(read.outcomes()).hasSize(FRAMES).allMatch(SeenOutcome::isMask);
        for (Guarantee promised :
            List.of(new EveryFrameHasOneOutcome(), new ExactlyOnce(), new OrderKeptPerCamera())) {
          assertThat(promised.check(traffic.ledger(), read)).matches(Verdict::kept);
        }
      }
    }
  }

  private ServiceProcess start(String name, Map<String, String> settings) throws IOException {
    return ServiceProcess.start(
        name, settings, ServiceProcess.Capacity.USUAL, directory.resolve(name), null);
  }

  /** As many frames as there are to be, and none after them: they wait for answers. */
  private static CameraTraffic traffic(String bootstrapServers, String url) {
    return new CameraTraffic(
        bootstrapServers,
        url,
        new CameraTraffic.Settings(
            PARTITIONS, FloodOptions.Film.SMALL, PARTITIONS, 200, 0, FRAMES, 1),
        () -> 0);
  }

  private static Map<String, String> settings(
      ProcessingGuarantee guarantee, String bootstrapServers, String url) {
    Map<String, String> settings = new HashMap<>();
    settings.put(KafkaKeys.APPLICATION_ID, APPLICATION);
    settings.put(KafkaKeys.BOOTSTRAP_SERVERS, bootstrapServers);
    settings.put(SchemaRegistryConfig.URL, url);
    settings.put(TopicKeys.FRAMES_TOPICS, Topics.FRAMES);
    settings.put(NetworkKeys.MODEL_FILE, Model.SHIPPED);
    settings.put(KafkaKeys.PROCESSING_GUARANTEE, guarantee.key());
    settings.put(NetworkKeys.MODEL_INPUT_SIZE, "96x160");
    settings.put(NetworkKeys.PRECISION, "fp32");
    settings.put(NetworkKeys.BATCH_MAX_SIZE, "4");
    settings.putAll(Timeouts.SHORT.service("classic"));
    return settings;
  }
}
