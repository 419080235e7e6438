package io.atrous;

import static java.util.stream.Collectors.toMap;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.streams.KafkaStreams;

/**
 * Publishes a fixed choice of Kafka Streams' own metrics, each once per stream thread or client.
 *
 * <p>Values that Kafka doesn't know, such as a mean over no samples, are left out. Threads and
 * clients that have gone are left out from the next {@link #refresh} on.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class KafkaStreamsMetrics {

  /** From client ids: what the application id and the process id precede. */
  private static final Pattern THREAD = Pattern.compile(".*-(StreamThread-\\d+)(?:-(.+))?");

  /**
   * A metric to publish.
   *
   * @param group Kafka's group of it
   * @param kafkaName Kafka's name
   * @param name the meter's name; Kafka's own, with the unit last
   * @param tag the tag by which Kafka tells threads or clients apart
   */
  private record Choice(String group, String kafkaName, String name, String tag) {

    private static final String STREAM_THREAD = "stream-thread-metrics";
    private static final String FETCHER = "consumer-fetch-manager-metrics";
    private static final String COORDINATOR = "consumer-coordinator-metrics";
    private static final String PRODUCER = "producer-metrics";

    private static Choice thread(String kafkaName, String name) {
      return new Choice(STREAM_THREAD, kafkaName, "kafka.stream.thread." + name, "thread-id");
    }

    private static Choice client(String group, String kafkaName, String name) {
      String kind = group.startsWith("consumer") ? "kafka.consumer." : "kafka.producer.";
      return new Choice(group, kafkaName, kind + name, "client-id");
    }

    String description() {
      return "Kafka's %s of %s".formatted(kafkaName, group);
    }

    boolean isOf(MetricName metric) {
      return metric.group().equals(group)
          && metric.name().equals(kafkaName)
          && metric.tags().keySet().stream().allMatch(tag::equals);
    }
  }

  private static final List<Choice> CHOICES =
      List.of(
          Choice.thread("process-rate", "process.rate"),
          Choice.thread("process-latency-avg", "process.latency.mean.milliseconds"),
          Choice.thread("process-ratio", "process.ratio"),
          Choice.thread("poll-rate", "poll.rate"),
          Choice.thread("poll-latency-avg", "poll.latency.mean.milliseconds"),
          Choice.thread("poll-ratio", "poll.ratio"),
          Choice.thread("commit-rate", "commit.rate"),
          Choice.thread("commit-latency-avg", "commit.latency.mean.milliseconds"),
          Choice.thread("commit-latency-max", "commit.latency.max.milliseconds"),
          Choice.thread("commit-ratio", "commit.ratio"),
          Choice.thread("punctuate-ratio", "punctuate.ratio"),
          Choice.client(Choice.FETCHER, "records-consumed-rate", "records.consumed.rate"),
          Choice.client(Choice.FETCHER, "bytes-consumed-rate", "consumed.rate.bytes"),
          Choice.client(Choice.FETCHER, "fetch-latency-avg", "fetch.latency.mean.milliseconds"),
          Choice.client(Choice.FETCHER, "fetch-rate", "fetch.rate"),
          Choice.client(Choice.COORDINATOR, "assigned-partitions", "assigned.partitions"),
          Choice.client(Choice.COORDINATOR, "rebalance-total", "rebalances"),
          Choice.client(Choice.COORDINATOR, "failed-rebalance-total", "failed.rebalances"),
          Choice.client(
              Choice.COORDINATOR, "rebalance-latency-avg", "rebalance.latency.mean.milliseconds"),
          Choice.client(
              Choice.COORDINATOR, "last-heartbeat-seconds-ago", "last.heartbeat.age.seconds"),
          Choice.client(Choice.PRODUCER, "record-send-rate", "record.send.rate"),
          Choice.client(Choice.PRODUCER, "record-error-rate", "record.error.rate"),
          Choice.client(Choice.PRODUCER, "record-retry-rate", "record.retry.rate"),
          Choice.client(
              Choice.PRODUCER, "request-latency-avg", "request.latency.mean.milliseconds"),
          Choice.client(Choice.PRODUCER, "buffer-available-bytes", "buffer.available.bytes"));

  private final KafkaStreams streams;
  private final Map<Choice, MultiGauge> gauges = new LinkedHashMap<>();

  KafkaStreamsMetrics(KafkaStreams streams, MeterRegistry registry) {
    this.streams = streams;
    for (Choice choice : CHOICES) {
      gauges.put(
          choice,
          MultiGauge.builder(choice.name).description(choice.description()).register(registry));
    }
  }

  /** Returns what each metric means, by the name that a scraper sees. */
  static Map<String, String> descriptions() {
    return CHOICES.stream()
        .collect(
            toMap(
                choice -> choice.name.replace('.', '_'),
                Choice::description,
                (a, b) -> a,
                TreeMap::new));
  }

  /** Publishes what Kafka measures now. */
  void refresh() {
    Map<Choice, List<Row<?>>> rows = new LinkedHashMap<>();
    for (Metric metric : streams.metrics().values()) {
      for (Choice choice : CHOICES) {
        if (choice.isOf(metric.metricName()) && metric.metricValue() instanceof Number value) {
          if (!Double.isNaN(value.doubleValue())) {
            rows.computeIfAbsent(choice, any -> new ArrayList<>())
                .add(Row.of(tags(metric.metricName().tags().getOrDefault(choice.tag, "")), value));
          }
        }
      }
    }
    gauges.forEach((choice, gauge) -> gauge.register(rows.getOrDefault(choice, List.of()), true));
  }

  /** The id of a process differs at each start, and would make new series. */
  private static Tags tags(String id) {
    Matcher thread = THREAD.matcher(id);
    return thread.matches() ? Tags.of("thread", thread.group(1)) : Tags.of("thread", id);
  }
}
