package io.atrous;

import io.atrous.settings.ServiceConfig;
import io.atrous.settings.StartException;
import io.atrous.settings.WebKeys;
import io.atrous.web.Metrics;
import io.atrous.web.Site;
import io.atrous.web.WebServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.ThreadMetadata;

/**
 * What an operator sees of a service over HTTP: its metrics and its health.
 *
 * <p><b>Threading:</b> thread-safe. Owns the server, a thread and a consumer.
 */
final class Monitoring implements AutoCloseable {

  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final WebServer web;
  private final ServiceMetrics metrics;
  private final ServiceParts parts = new ServiceParts();

  private Monitoring(WebServer web, ServiceMetrics metrics) {
    this.web = web;
    this.metrics = metrics;
    parts.own(web);
  }

  /**
   * Begins to serve, if that is configured.
   *
   * @param site the live page, if that is configured
   * @throws StartException if somebody has chosen an address that is not free
   */
  static Optional<Monitoring> start(
      ServiceConfig config, ServiceMetrics metrics, ServiceHealth health, Optional<Site> site) {
    return WebKeys.serve(config, Metrics.of(metrics.registry()), health, site)
        .map(web -> new Monitoring(web, metrics));
  }

  /** Returns the port of the server. */
  int port() {
    return web.port();
  }

  /** Measures lags, and publishes Kafka's own metrics, from now on again and again. */
  void watch(KafkaStreams streams, ServiceConfig config) {
    LagMonitor lag =
        parts.own(
            new LagMonitor(
                LagMonitor.consumer(config),
                () -> committedOffsets(streams),
                metrics.frames().progress(),
                metrics.registry(),
                System::currentTimeMillis));
    KafkaStreamsMetrics kafka = new KafkaStreamsMetrics(streams, metrics.registry());
    parts.own(
        Periodic.start(
            "metrics",
            INTERVAL,
            () -> {
              // Otherwise Streams doesn't say what it has, and the last lags go on rising.
              if (streams.state().isRunningOrRebalancing()) {
                lag.look();
              }
              kafka.refresh();
            }));
  }

  /** The partitions that the service has, with the offsets that it has committed; -1 if none. */
  private static Map<TopicPartition, Long> committedOffsets(KafkaStreams streams) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (ThreadMetadata thread : streams.metadataForLocalThreads()) {
      for (TaskMetadata task : thread.activeTasks()) {
        offsets.putAll(task.committedOffsets());
      }
    }
    return offsets;
  }

  @Override
  public void close() {
    parts.close();
  }
}
