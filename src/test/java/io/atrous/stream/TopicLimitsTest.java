package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TopicLimitsTest {

  private static final long NOW = Duration.ofDays(20_000).toMillis();
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final long YEAR = Duration.ofDays(365).toMillis();

  @Test
  void aTopicThatSaysNothingHasKafkasDefaults() {
    TopicLimits limits = TopicLimits.of(Map.of());

    assertThat(limits).isEqualTo(TopicLimits.UNKNOWN);
    assertThat(limits.nearestTimestampMillis(NOW - YEAR, NOW)).isEqualTo(NOW - YEAR);
    assertThat(limits.nearestTimestampMillis(0, NOW)).isZero();
    assertThat(limits.nearestTimestampMillis(NOW + HOUR / 2, NOW)).isEqualTo(NOW + HOUR / 2);
    assertThat(limits.nearestTimestampMillis(NOW + YEAR, NOW)).isBetween(NOW, NOW + HOUR);
    assertThat(limits.nearestTimestampMillis(Long.MAX_VALUE, NOW)).isBetween(NOW, NOW + HOUR);
  }

  @Test
  void theBrokersOwnTimeTakesAnyTimestamp() {
    TopicLimits limits =
        TopicLimits.of(
            Map.of(
                "message.timestamp.type", "LogAppendTime", "message.timestamp.after.max.ms", "1"));

    assertThat(limits.nearestTimestampMillis(NOW + YEAR, NOW)).isEqualTo(NOW + YEAR);
    assertThat(limits.flaw()).isEmpty();
  }

  @Test
  void boundsHoldOnBothSidesAndLeaveRoomForClocksThatDiffer() {
    TopicLimits limits =
        TopicLimits.of(
            Map.of(
                "message.timestamp.before.max.ms",
                "" + HOUR,
                "message.timestamp.after.max.ms",
                "0"));

    assertThat(limits.nearestTimestampMillis(NOW - YEAR, NOW))
        .isBetween(NOW - HOUR + 1_000, NOW - 1_000);
    assertThat(limits.nearestTimestampMillis(NOW, NOW)).isBetween(NOW - HOUR, NOW - 1_000);
  }

  @Test
  void anOldBrokersOneBoundHoldsOnBothSides() {
    TopicLimits limits =
        TopicLimits.of(Map.of("message.timestamp.difference.max.ms", "" + HOUR / 2));

    assertThat(limits.nearestTimestampMillis(NOW - YEAR, NOW)).isBetween(NOW - HOUR / 2, NOW);
    assertThat(limits.nearestTimestampMillis(NOW + YEAR, NOW)).isBetween(NOW, NOW + HOUR / 2);
  }

  @Test
  void theSmallerOfMessageAndSegmentIsTheLimitOfSize() {
    Map<String, String> config = Map.of("max.message.bytes", "4000", "segment.bytes", "3000");

    assertThat(TopicLimits.of(config).fits(3_000 - TopicLimits.BATCH_OVERHEAD_BYTES)).isTrue();
    assertThat(TopicLimits.of(config).fits(3_001 - TopicLimits.BATCH_OVERHEAD_BYTES)).isFalse();
    assertThat(TopicLimits.of(config).ofAnySize().fits(1 << 30)).isTrue();
  }

  @Test
  void aTopicIsCompactedWhateverElseItIs() {
    assertThat(TopicLimits.of(Map.of("cleanup.policy", "compact")).compacted()).isTrue();
    assertThat(TopicLimits.of(Map.of("cleanup.policy", "delete,compact")).compacted()).isTrue();
    assertThat(TopicLimits.of(Map.of("cleanup.policy", "delete")).compacted()).isFalse();
  }

  @Test
  void whatCanTakeNoOutcomeSaysWhy() {
    assertThat(TopicLimits.of(Map.of("max.message.bytes", "2047")).flaw())
        .hasValueSatisfying(
            flaw -> assertThat(flaw).contains("2047 bytes", "max.message.bytes", "2048"));
    assertThat(TopicLimits.of(Map.of("max.message.bytes", "2048")).flaw()).isEmpty();
    assertThat(
            TopicLimits.of(
                    Map.of(
                        "message.timestamp.before.max.ms", "10",
                        "message.timestamp.after.max.ms", "10"))
                .flaw())
        .hasValueSatisfying(flaw -> assertThat(flaw).contains("LogAppendTime"));
  }
}
