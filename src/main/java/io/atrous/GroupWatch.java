package io.atrous;

import io.atrous.GroupConflict.AtStart;
import io.atrous.settings.Cluster;
import io.atrous.settings.StartException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Looks at the consumer group, before the service joins it and again and again while it runs, for
 * members that don't belong there.
 *
 * <p><b>Threading:</b> thread-safe. Owns a thread and a connection.
 */
final class GroupWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(GroupWatch.class);

  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final long START_INTERVAL_MILLIS = 500;

  private final Admin admin;
  private final GroupJudge judge;
  private volatile @Nullable Periodic periodic;
  private boolean seenBefore;
  private boolean warnedOfFailure;
  private volatile Optional<GroupConflict> conflict = Optional.empty();

  GroupWatch(AbstractConfig config, GroupJudge judge) {
    this.admin = Cluster.connect(config);
    this.judge = judge;
  }

  /**
   * Returns once the group can be joined. Members that were killed stay in the group until their
   * session is over; those that stay for longer are alive.
   *
   * @param session the time that members may be silent
   * @throws StartException if the group has members beside which an instance can't work
   * @throws KafkaException if the brokers don't answer
   */
  void awaitJoinable(Duration session) throws InterruptedException {
    long startNanos = System.nanoTime();
    Optional<GroupConflict> refusal = refusal();
    if (refusal.isPresent() && refusal.get().atStart() == AtStart.WAIT) {
      LOG.warn("{}; waiting for {} s whether they go", refusal.get(), session.toSeconds());
    }
    while (refusal.isPresent()) {
      if (refusal.get().atStart() == AtStart.GIVE_UP
          || System.nanoTime() - startNanos > session.toNanos()) {
        throw new StartException(refusal.get().sentence());
      }
      TimeUnit.MILLISECONDS.sleep(START_INTERVAL_MILLIS);
      refusal = refusal();
    }
  }

  /** Begins to look again and again. */
  void start() {
    periodic = Periodic.start("group-watch", INTERVAL, this::watch);
  }

  /** The conflict that two looks in a row have seen and none since has seen gone. */
  Optional<GroupConflict> conflict() {
    return conflict;
  }

  /**
   * Looks for a conflict beside which no instance can work.
   *
   * @throws KafkaException if the brokers don't answer
   */
  Optional<GroupConflict> refusal() throws InterruptedException {
    return look().filter(conflict -> conflict.atStart() != AtStart.JOIN);
  }

  private Optional<GroupConflict> look() throws InterruptedException {
    return ConsumerGroup.find(admin, judge.groupId()).flatMap(judge::judge);
  }

  private void watch() {
    try {
      Optional<GroupConflict> seen = look();
      if (seen.isEmpty() && conflict.isPresent()) {
        LOG.info("The consumer group '{}' is this service's alone again", judge.groupId());
      } else if (seen.isPresent() && seenBefore && conflict.isEmpty()) {
        LOG.warn("{}", seen.get());
      }
      conflict = seenBefore ? seen : Optional.empty();
      seenBefore = seen.isPresent();
    } catch (KafkaException e) {
      LOG.atLevel(warnedOfFailure ? Level.DEBUG : Level.WARN)
          .log("Can't see who is in the consumer group '{}': {}", judge.groupId(), e.getMessage());
      warnedOfFailure = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    if (periodic != null) {
      periodic.close();
    }
    admin.close(Duration.ZERO);
  }
}
