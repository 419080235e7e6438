package io.atrous.examples.alerts;

import io.atrous.event.EventSerdes;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The program: reads what Atrous writes, and writes an alert where a class covers a zone.
 *
 * <pre>{@code java io.atrous.examples.alerts.Alerts alerts.properties zones.json}</pre>
 *
 * <p><b>Threading:</b> started by one thread; any may close it.
 */
public final class Alerts implements AutoCloseable {

  private static final int FAILED = 1;
  private static final int BAD_INPUT = 2;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final EventSerdes serdes;
  private final KafkaStreams streams;

  /**
   * Makes the program, not started yet.
   *
   * @param properties Kafka Streams' own, the registry's and the topics'
   * @param zones file of zones
   * @throws IllegalArgumentException in one sentence, if the zones can't be read
   */
  public Alerts(Properties properties, Path zones) {
    Zones read = Zones.read(zones);
    this.serdes = serdes(properties);
    this.streams =
        new KafkaStreams(
            AlertTopology.build(AlertTopics.of(properties), read, serdes), exactlyOnce(properties));
    streams.setStateListener(
        (now, before) -> {
          if (now.hasCompletedShutdown()) {
            ended.countDown();
          }
        });
  }

  public static void main(String[] arguments) throws InterruptedException {
    try {
      if (arguments.length != 2) {
        throw new IllegalArgumentException("Name two files: properties, and zones");
      }
      Alerts alerts = new Alerts(read(Path.of(arguments[0])), Path.of(arguments[1]));
      Runtime.getRuntime().addShutdownHook(new Thread(alerts::close, "stop"));
      alerts.start();
      System.exit(alerts.awaitEnd() ? 0 : FAILED);
    } catch (IllegalArgumentException | KafkaException e) {
      System.err.println("alerts: " + e.getMessage());
      System.exit(BAD_INPUT);
    }
  }

  private static Properties read(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException e) {
      throw new IllegalArgumentException("Properties can't be read: " + e, e);
    }
    return properties;
  }

  static EventSerdes serdes(Properties properties) {
    Map<String, Object> settings = new HashMap<>();
    properties.forEach((key, value) -> settings.put(String.valueOf(key), value));
    return EventSerdes.of("event.serde", EventSerdes.OWN, settings);
  }

  private static Properties exactlyOnce(Properties properties) {
    Properties all = new Properties();
    all.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    all.put(StreamsConfig.consumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), "read_committed");
    all.putAll(properties);
    return all;
  }

  public void start() {
    streams.start();
  }

  /** Waits for the end; returns false if the program failed. */
  public boolean awaitEnd() throws InterruptedException {
    ended.await();
    return streams.state() != KafkaStreams.State.ERROR;
  }

  @Override
  public void close() {
    streams.close();
    serdes.close();
  }
}
