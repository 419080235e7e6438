package io.atrous;

import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant: those that meet every condition.
 *
 * @param reasons one of these; any, if empty
 * @param cameras of one of these cameras; of any or none that is known, if empty
 * @param from given up on at this time or later
 * @param to given up on before this time
 */
public record DeadLetterFilter(
    Set<DeadLetterReason> reasons,
    Set<String> cameras,
    @Nullable Instant from,
    @Nullable Instant to) {

  public DeadLetterFilter {
    reasons = Set.copyOf(reasons);
    cameras = Set.copyOf(cameras);
  }

  boolean matches(DeadLetterEvent letter) {
    return (reasons.isEmpty() || reasons.contains(letter.getReason()))
        && (cameras.isEmpty()
            || (letter.getCameraId() != null && cameras.contains(letter.getCameraId())))
        && (from == null || !letter.getFailedAt().isBefore(from))
        && (to == null || letter.getFailedAt().isBefore(to));
  }
}
