package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What a camera that sends a hundred times its share does to others: Kafka Streams on a real
 * broker, the pipeline of production, and a device that answers one batch in each turn. Latency is
 * counted in turns, from the one before which the broker has a frame to the one after which its
 * outcome is written; so the machine's pace does not matter.
 */
@ExtendWith(SharedKafka.class)
@Timeout(300)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class FairnessContractTest {

  private static final int TURNS = 80;

  /** Of a camera: a frame in every other turn. */
  private static final int SHARE = 1;

  private static final int FLOOD = 100 * SHARE;

  private static final SheddingPolicy LATEST_ONLY =
      new SheddingPolicy(Duration.ZERO, Duration.ofDays(365), true, true);

  private final EmbeddedKafka kafka;

  FairnessContractTest(EmbeddedKafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void otherTasksOfTheFloodedThreadWaitAtMostTwiceAsLong() {
    long unflooded = p99(1, SheddingPolicy.none(), SHARE, false);
    long flooded = p99(1, SheddingPolicy.none(), FLOOD, false);

    assertThat(flooded).isLessThanOrEqualTo(2 * unflooded);
  }

  @Test
  void tasksOfAnotherThreadWaitAtMostTwiceAsLong() {
    long unflooded = p99(2, SheddingPolicy.none(), SHARE, false);
    long flooded = p99(2, SheddingPolicy.none(), FLOOD, false);

    assertThat(flooded).isLessThanOrEqualTo(2 * unflooded);
  }

  @Test
  void inTheFloodedPartitionOnlySheddingHelps() {
    long unflooded = p99(1, LATEST_ONLY, SHARE, true);
    long flooded = p99(1, LATEST_ONLY, FLOOD, true);
    long unshed = p99(1, SheddingPolicy.none(), FLOOD, true);

    assertThat(flooded).isLessThanOrEqualTo(2 * unflooded);
    assertThat(unshed).as("the limit that is documented").isGreaterThan(4 * unflooded);
  }

  /**
   * The 99th percentile of the latency of those that keep to their share, in turns.
   *
   * @param frames that the first camera sends where others send one
   * @param samePartition whether the others' frames lie in its partition, or in others
   */
  private long p99(int threads, SheddingPolicy policy, int frames, boolean samePartition) {
    int partitions = samePartition ? 1 : 4;
    try (TurnByTurn service = TurnByTurn.start(kafka, partitions, threads, policy)) {
      for (int turn = 0; turn < TURNS; turn++) {
        if (turn % 2 == 0) {
          for (int i = 0; i < frames; i++) {
            service.send(0, "flood");
          }
          for (int camera = 1; camera < 4; camera++) {
            int partition = camera % partitions;
            if (threads == 1 || !service.shareAThread(0, partition)) {
              service.send(partition, "camera-" + camera);
            }
          }
        }
        service.turn();
      }
      return service.percentileTurns(99, "camera-");
    }
  }
}
