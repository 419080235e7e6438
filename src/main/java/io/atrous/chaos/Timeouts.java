package io.atrous.chaos;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How soon Kafka notices that an instance is gone.
 *
 * @param sessionMillis until the group gives a silent member up
 * @param transactionMillis until an open transaction of a dead producer is aborted
 * @param drainMillis the service's own deadline, which must be below the transaction's
 * @param broker the broker's settings
 * @param areDefault true if all of them are Kafka's and the service's own
 */
record Timeouts(
    int sessionMillis,
    int transactionMillis,
    int drainMillis,
    Map<String, String> broker,
    boolean areDefault) {

  /** Short ones: so that many faults fit into a few minutes. */
  static final Timeouts SHORT =
      new Timeouts(
          2_000,
          4_000,
          3_000,
          Map.of(
              "group.min.session.timeout.ms", "500",
              "group.streams.min.session.timeout.ms", "500",
              "group.streams.session.timeout.ms", "2000",
              "group.streams.min.heartbeat.interval.ms", "100",
              "group.streams.heartbeat.interval.ms", "400"),
          false);

  /** Those of somebody who has configured none. */
  static final Timeouts DEFAULT =
      new Timeouts(
          15_000,
          10_000,
          5_000,
          Map.of("transaction.abort.timed.out.transaction.cleanup.interval.ms", "10000"),
          true);

  /**
   * The service's settings.
   *
   * @param groupProtocol {@code classic} or {@code streams}; with the latter sessions are the
   *     broker's matter
   */
  Map<String, String> service(String groupProtocol) {
    Map<String, String> settings = new LinkedHashMap<>();
    if (!areDefault) {
      settings.put("streams.producer.transaction.timeout.ms", String.valueOf(transactionMillis));
      settings.put("drain.timeout.ms", String.valueOf(drainMillis));
      if (groupProtocol.equals("classic")) {
        settings.put("streams.consumer.session.timeout.ms", String.valueOf(sessionMillis));
        settings.put("streams.consumer.heartbeat.interval.ms", String.valueOf(sessionMillis / 5));
      }
    }
    return settings;
  }
}
