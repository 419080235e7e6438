package io.atrous.demo;

import io.atrous.embedded.FrameSender;
import io.atrous.event.EventSerde;
import io.atrous.event.EventSerdes;
import io.atrous.event.FrameEvent;
import io.atrous.event.SchemaRegistryException;
import io.atrous.settings.ClientSettings;
import io.atrous.settings.Cluster;
import io.atrous.settings.RegistryKeys;
import io.atrous.settings.Right;
import io.atrous.settings.StartException;
import io.atrous.settings.TopicKeys;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Synthetic cameras that film into the input topic of a service, on any cluster.
 *
 * <p>Nobody waits for the outcomes: a camera skips pictures only while the brokers are behind.
 *
 * <p><b>Threading:</b> {@link #film} belongs to one thread; {@link #stop} may come from any.
 */
public final class ClusterCameras {

  private static final int MAX_UNACKNOWLEDGED_FRAMES = 64;
  private static final long TICK_MILLIS = 250;

  private final AbstractConfig config;
  private final FilmingOptions options;
  private final Demo.Progress progress;
  private final CountDownLatch stopping = new CountDownLatch(1);

  /**
   * What came of it.
   *
   * @param framesSent frames that the brokers have
   * @param framesSkipped pictures not taken because the brokers were behind
   */
  public record Report(long framesSent, long framesSkipped) {}

  /**
   * @param config {@link io.atrous.settings.ServiceConfig#forTools} or more, with one input topic
   */
  public ClusterCameras(AbstractConfig config, FilmingOptions options, Demo.Progress progress) {
    this.config = config;
    this.options = options;
    this.progress = progress;
  }

  /** Switches the cameras off; {@link #film} sends what they have taken and returns. */
  public void stop() {
    stopping.countDown();
  }

  /**
   * Films until the time is over or {@link #stop} is called.
   *
   * @throws ConfigException if the configuration does not name one topic
   * @throws StartException if the cluster, the topic or the registry can't be used
   * @throws DemoFailedException if a frame can't be sent
   */
  public Report film() throws InterruptedException {
    String topic = TopicKeys.camerasTopic(config);
    Cluster.requireTopics(
        config, List.of(Right.toTopic(AclOperation.WRITE, topic, TopicKeys.FRAMES_TOPICS)));
    try (EventSerdes serdes = RegistryKeys.serdes(config)) {
      CameraFleet fleet = fleet(topic, serdes);
      progress.step(
          "%d cameras film into '%s' at %s frames per second each"
              .formatted(options.cameras(), topic, Demo.number(options.framesPerSecond())));
      film(fleet);
      fleet.failure().ifPresent(e -> Demo.fail("A camera stopped", e));
      return new Report(fleet.framesIn(), fleet.framesSkipped());
    }
  }

  private void film(CameraFleet fleet) throws InterruptedException {
    try (fleet) {
      fleet.start(SyntheticCamera.streets(options.cameras(), Clock.systemUTC()));
      while (!fleet.isDone()
          && fleet.failure().isEmpty()
          && !stopping.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
        progress.tick(
            "%d frames sent, %d skipped".formatted(fleet.framesIn(), fleet.framesSkipped()));
      }
    }
  }

  private CameraFleet fleet(String topic, EventSerdes serdes) {
    EventSerde<FrameEvent> serde = serdes.serde(FrameEvent.class);
    try {
      serde.prepare(topic);
    } catch (SchemaRegistryException e) {
      throw new StartException(e);
    }
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            ClientSettings.producer(config), new ByteArraySerializer(), new ByteArraySerializer());
    FrameSender sender = new FrameSender(producer, serde.serializer());
    return new CameraFleet(
        sender,
        new CameraFleet.Settings(
            topic,
            producer.partitionsFor(topic).size(),
            options.framesPerSecond(),
            options.secondsOrForever(),
            MAX_UNACKNOWLEDGED_FRAMES),
        sender::acknowledged,
        frame -> {});
  }
}
