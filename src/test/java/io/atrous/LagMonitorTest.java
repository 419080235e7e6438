package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import io.atrous.settings.ServiceConfig;
import io.atrous.stream.PartitionProgress;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** Lags of topics on a real broker, at a time that the test sets. */
@ExtendWith(SharedKafka.class)
@Timeout(60)
@Tag("slow")
final class LagMonitorTest {

  private static final long WRITTEN = 1_000_000;

  private final TopicPartition partition = new TopicPartition("lag-" + UUID.randomUUID(), 0);
  private final Map<TopicPartition, Long> assigned = new HashMap<>(Map.of(partition, -1L));
  private final AtomicLong nowMillis = new AtomicLong(WRITTEN);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private EmbeddedKafka kafka;
  private LagMonitor lag;

  @BeforeEach
  void begin(EmbeddedKafka shared) {
    kafka = shared;
    kafka.createTopic(partition.topic(), 1);
    ServiceConfig config =
        ServiceConfig.of(
            Map.of(
                "application.id", "lag",
                "bootstrap.servers", kafka.bootstrapServers(),
                "schema.registry.url", "http://localhost",
                "frames.topics", partition.topic(),
                "model.file", "street"));
    lag =
        new LagMonitor(
            LagMonitor.consumer(config),
            () -> assigned,
            new PartitionProgress(),
            meters,
            nowMillis::get);
  }

  @AfterEach
  void end() {
    lag.close();
  }

  private void write(int frames) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = kafka.producer()) {
      for (int i = 0; i < frames; i++) {
        producer
            .send(new ProducerRecord<>(partition.topic(), 0, WRITTEN + i, null, new byte[300_000]))
            .get();
      }
    }
  }

  private double seconds() {
    return meters.get("atrous.lag").tag("topic", partition.topic()).gauge().value();
  }

  private double frames() {
    return meters.get("atrous.lag.frames").tag("topic", partition.topic()).gauge().value();
  }

  @Test
  void aPartitionWithoutFramesHasNone() {
    lag.look();

    assertThat(seconds()).isZero();
    assertThat(frames()).isZero();
  }

  @Test
  void theFirstFrameThatNobodyHasTakenIsReadForItsAge() throws Exception {
    write(3);
    nowMillis.set(WRITTEN + 60_000);

    lag.look();

    assertThat(seconds()).isEqualTo(60);
    assertThat(frames()).isEqualTo(3);
  }

  @Test
  void aLookWarnsOfNothing() throws Exception {
    write(1);
    Logger kafkaLog = (Logger) LoggerFactory.getLogger("org.apache.kafka");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Level level = kafkaLog.getLevel();
    kafkaLog.setLevel(Level.WARN);
    kafkaLog.addAppender(lines);
    try {
      lag.look();
      lag.look();
    } finally {
      kafkaLog.detachAppender(lines);
      kafkaLog.setLevel(level);
    }

    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .noneMatch(line -> line.contains("lag-lag"));
  }

  @Test
  void theAgeRisesBetweenTwoLooks() throws Exception {
    write(1);
    nowMillis.set(WRITTEN + 1_000);
    lag.look();

    nowMillis.set(WRITTEN + 90_000);

    assertThat(seconds()).isEqualTo(90);
  }

  @Test
  void committedFramesAreAnswered() throws Exception {
    write(3);
    assigned.put(partition, 2L);
    nowMillis.set(WRITTEN + 60_002);

    lag.look();

    assertThat(seconds()).isEqualTo(60);
    assertThat(frames()).isEqualTo(1);
  }

  @Test
  void markersOfTransactionsAreNoFrames() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers", kafka.bootstrapServers(),
                "transactional.id", partition.topic()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      var unused =
          producer.send(new ProducerRecord<>(partition.topic(), 0, WRITTEN, null, new byte[1]));
      producer.commitTransaction();
    }
    assigned.put(partition, 1L);

    lag.look();

    assertThat(seconds()).isZero();
    assertThat(frames()).isZero();
  }

  @Test
  void aPartitionThatIsGivenAwayIsShownNoMore() {
    lag.look();
    assigned.clear();

    lag.look();

    assertThat(meters.find("atrous.lag").gauges()).isEmpty();
  }
}
