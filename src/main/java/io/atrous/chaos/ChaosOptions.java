package io.atrous.chaos;

import io.atrous.settings.ProcessingGuarantee;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to try.
 *
 * @param guarantee the service's
 * @param minutes after which no fault begins any more
 * @param kills after how many kills that hit frames in flight no fault begins any more, if that is
 *     sooner; null for no such limit
 * @param instances the number of running instances of the service
 * @param groupProtocol {@code classic} or {@code streams}
 * @param seed says which faults come in which order
 * @param defaultTimeouts true to leave Kafka's time-outs as they are
 * @param brokers the number of brokers; {@link #REDUNDANT_BROKERS} if one is to die
 * @param smallDisk true if one broker's disk is one that can be full
 * @param logs a folder for the logs of the instances, or null for none
 */
public record ChaosOptions(
    ProcessingGuarantee guarantee,
    double minutes,
    @Nullable Integer kills,
    int instances,
    String groupProtocol,
    long seed,
    boolean defaultTimeouts,
    int brokers,
    boolean smallDisk,
    @Nullable Path logs) {

  /** With one, the death of a broker leaves partitions without a leader (docs/guarantees.md). */
  public static final int REDUNDANT_BROKERS = 3;

  private static final int MAX_MINUTES = 24 * 60;
  private static final int MAX_INSTANCES = 4;

  public ChaosOptions {
    if (!(minutes > 0 && minutes <= MAX_MINUTES)) {
      throw new IllegalArgumentException("--minutes must be more than 0 and at most a day");
    }
    if (kills != null && kills < 1) {
      throw new IllegalArgumentException("--kills must be at least 1");
    }
    if (instances < 1 || instances > MAX_INSTANCES) {
      throw new IllegalArgumentException("--instances must be 1 to " + MAX_INSTANCES);
    }
    if (!Set.of("classic", "streams").contains(groupProtocol)) {
      throw new IllegalArgumentException("--group-protocol must be classic or streams");
    }
  }

  Timeouts timeouts() {
    return defaultTimeouts ? Timeouts.DEFAULT : Timeouts.SHORT;
  }
}
