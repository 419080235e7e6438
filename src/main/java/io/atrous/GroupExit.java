package io.atrous;

import io.atrous.settings.KafkaClients;
import java.time.Duration;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;

/**
 * The end of a service's streams: the frames in flight are answered and committed, and the members
 * leave the consumer group, so that other instances have their partitions at once and not only when
 * the session ends. Static members stay: they are expected back within the session.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class GroupExit {

  private final KafkaStreams streams;
  private final GroupMembershipOperation membership;
  private boolean begun;

  GroupExit(KafkaStreams streams, KafkaClients clients) {
    this.streams = streams;
    this.membership =
        clients.areStaticMembers()
            ? GroupMembershipOperation.REMAIN_IN_GROUP
            : GroupMembershipOperation.LEAVE_GROUP;
  }

  /** Begins to end and waits for nothing, so that a stream thread may call it. */
  synchronized void begin() {
    if (!begun) {
      begun = true;
      streams.close(CloseOptions.timeout(Duration.ZERO).withGroupMembershipOperation(membership));
    }
  }

  /**
   * Ends.
   *
   * @return false if that takes longer; it goes on then
   */
  boolean complete(Duration timeout) {
    begin();
    return streams.close(timeout);
  }
}
