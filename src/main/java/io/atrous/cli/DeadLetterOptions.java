package io.atrous.cli;

import io.atrous.deadletter.DeadLetterFilter;
import io.atrous.event.DeadLetterReason;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which dead letters are meant. */
final class DeadLetterOptions {

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      split = ",",
      description = "Only letters with this reason; several with commas: ${COMPLETION-CANDIDATES}.")
  private Set<DeadLetterReason> reasons = new LinkedHashSet<>();

  @Option(
      names = "--camera",
      paramLabel = "ID",
      description = "Only frames of this camera; may be given several times.")
  private Set<String> cameras = new HashSet<>();

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "Only frames given up on at this time or later, such as 2026-01-31T12:00:00Z.")
  private @Nullable Instant from;

  @Option(
      names = "--to",
      paramLabel = "TIME",
      description = "Only frames given up on before this time.")
  private @Nullable Instant to;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most this many letters, the oldest of each partition first.")
  private @Nullable Long limit;

  DeadLetterFilter filter() {
    return new DeadLetterFilter(reasons, cameras, from, to);
  }

  long limit(Invocation invocation) {
    if (limit == null) {
      return Long.MAX_VALUE;
    }
    invocation.requirePositive("--limit", limit);
    return limit;
  }
}
