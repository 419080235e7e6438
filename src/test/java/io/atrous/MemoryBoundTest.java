package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.event.SchemaRegistryConfig;
import io.atrous.inference.EngineProfile;
import io.atrous.settings.FrameKeys;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.TopicKeys;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemoryBoundTest {

  private static final EngineProfile ENGINE = new EngineProfile("cpu", "fp32", 100, 200, 4);

  @Test
  void addsUpWhatTheConfigurationAllows() {
    MemoryBound bound =
        bound(
            Map.of(
                KafkaKeys.WINDOW_FRAMES,
                "5",
                KafkaKeys.STREAM_THREADS,
                "3",
                FrameKeys.WORKER_THREADS,
                "2",
                FrameKeys.FRAMES_MAX_BYTES,
                "1000",
                FrameKeys.FRAMES_MAX_PIXELS,
                "10",
                "streams.buffered.records.per.partition",
                "7",
                "streams.max.poll.records",
                "11",
                "streams.fetch.max.bytes",
                "1048576"));

    assertThat(bound)
        .isEqualTo(new MemoryBound(5 + 7 + 11, 3, 1 << 20, 123, 2, 1030, 6, 4 * 100 * 200 * 5));
  }

  @Test
  void aPictureThatIsTurnedUprightIsThereTwice() {
    Map<String, String> limits =
        Map.of(FrameKeys.FRAMES_MAX_BYTES, "1000", FrameKeys.FRAMES_MAX_PIXELS, "10");
    Map<String, String> upright = new HashMap<>(limits);
    upright.put(FrameKeys.FRAMES_EXIF_ORIENTATION, "apply");

    assertThat(bound(limits).workerBytes()).isEqualTo(1030);
    assertThat(bound(upright).workerBytes()).isEqualTo(1060);
  }

  @Test
  void aSettingOfTheConsumerGoesBeforeOneOfAllClients() {
    assertThat(
            bound(
                    Map.of(
                        KafkaKeys.WINDOW_FRAMES,
                        "1",
                        "streams.buffered.records.per.partition",
                        "1",
                        "streams.max.poll.records",
                        "100",
                        "streams.consumer.max.poll.records",
                        "200",
                        "streams.main.consumer.max.poll.records",
                        "300"))
                .recordsPerPartition())
        .isEqualTo(302);
  }

  @Test
  void saysItWithNumbers() {
    assertThat(new MemoryBound(48, 2, 50 << 20, 9 << 20, 4, 100 << 20, 6, 5 << 19))
        .hasToString(
            "Memory beside the network's is at most: on the heap 48 records for each partition read"
                + " + 2 threads x 50.0 MiB fetched; outside of it 9.0 MiB decoded + 4 workers x"
                + " 100.0 MiB + 6 lanes x 2.5 MiB for a batch");
  }

  private static MemoryBound bound(Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put(KafkaKeys.APPLICATION_ID, "a");
    settings.put(KafkaKeys.BOOTSTRAP_SERVERS, "localhost:1");
    settings.put(TopicKeys.FRAMES_TOPICS, "frames");
    settings.put(NetworkKeys.MODEL_FILE, "street");
    settings.put(SchemaRegistryConfig.URL, "http://localhost");
    return MemoryBound.of(ServiceConfig.of(settings), 123, ENGINE, 6);
  }
}
