package io.atrous.deadletter;

import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant: those that meet every condition.
 *
 * @param reasons one of these; any, if empty
 * @param cameras of one of these cameras, as {@link #camera} names them; of any or none that is
 *     known, if empty
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
    // Not an immutable copy by Set.copyOf: that one may not be asked for null.
    cameras = Collections.unmodifiableSet(new HashSet<>(cameras));
  }

  boolean matches(DeadLetterEvent letter) {
    return (reasons.isEmpty() || reasons.contains(letter.getReason()))
        && (cameras.isEmpty() || cameras.contains(camera(letter)))
        && (from == null || !letter.getFailedAt().isBefore(from))
        && (to == null || letter.getFailedAt().isBefore(to));
  }

  /**
   * The camera of a letter's frame: as its event says; of a record that was given up unread, or
   * that could not be read, its key; null if it had none.
   */
  public static @Nullable String camera(DeadLetterEvent letter) {
    if (letter.getCameraId() != null || letter.getSourceKey() == null) {
      return letter.getCameraId();
    }
    return StandardCharsets.UTF_8.decode(letter.getSourceKey().duplicate()).toString();
  }
}
