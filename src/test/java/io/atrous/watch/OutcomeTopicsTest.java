package io.atrous.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.LoopbackSerdes;
import io.atrous.event.MaskEvent;
import io.atrous.event.RandomEvents;
import io.atrous.event.RegionEvent;
import io.atrous.settings.ServiceConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.AbstractConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service writes on a real broker, read as it comes. */
@ExtendWith(SharedKafka.class)
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class OutcomeTopicsTest {

  private static final Instant NOW = Instant.parse("2026-01-02T12:00:00Z");

  private final RandomEvents random = new RandomEvents(11);
  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
  private final Recorder seen = new Recorder();
  private final EmbeddedKafka kafka;

  OutcomeTopicsTest(EmbeddedKafka kafka) {
    this.kafka = kafka;
  }

  @AfterEach
  void close() {
    registry.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"CreateTime", "LogAppendTime"})
  void eachEventFromNowOnIsToldOnceWithTheTimeAtWhichItWasWritten(String timestamps) {
    String name = "outcomes-" + timestamps;
    for (String topic : List.of("-masks", "-regions", "-dead")) {
      kafka.createTopics(
          List.of(
              new NewTopic(name + topic, Optional.of(3), Optional.empty())
                  .configs(Map.of("message.timestamp.type", timestamps))));
    }
    send(name + "-masks", random.next(MaskEvent.class));
    List<SpecificRecord> events = new ArrayList<>();
    Instant begin = Instant.now().minusMillis(1);
    try (OutcomeTopics topics = OutcomeTopics.open(config(name), new TurnedClock(NOW))) {
      for (int i = 0; i < 20; i++) {
        events.add(send(name + "-masks", random.next(MaskEvent.class)));
        events.add(send(name + "-regions", random.next(RegionEvent.class)));
        events.add(send(name + "-dead", random.next(DeadLetterEvent.class)));
      }
      try (KafkaProducer<byte[], byte[]> producer = kafka.producer()) {
        var unused = producer.send(new ProducerRecord<>(name + "-dead", new byte[] {1, 2}));
      }

      while (seen.events.size() + seen.unreadable < events.size() + 1) {
        topics.read(Duration.ofMillis(100), seen);
      }
    }

    assertThat(seen.events).containsExactlyInAnyOrderElementsOf(events);
    assertThat(seen.unreadable).isEqualTo(1);
    if (timestamps.equals("CreateTime")) {
      assertThat(seen.times).as("when it was read").containsOnly(NOW);
    } else {
      assertThat(seen.times).allSatisfy(time -> assertThat(time).isAfterOrEqualTo(begin));
    }
  }

  private AbstractConfig config(String name) {
    Map<String, String> settings = new HashMap<>();
    settings.put("application.id", name);
    settings.put("bootstrap.servers", kafka.bootstrapServers());
    settings.put("schema.registry.url", registry.url().toString());
    settings.put("masks.topic", name + "-masks");
    settings.put("regions.topic", name + "-regions");
    settings.put("dead.letters.topic", name + "-dead");
    return ServiceConfig.forTools(settings);
  }

  private <T extends SpecificRecord> T send(String topic, T event) {
    @SuppressWarnings("unchecked")
    Class<T> type = (Class<T>) event.getClass();
    try (AvroEventSerde<T> serde = LoopbackSerdes.serde(type, registry);
        KafkaProducer<byte[], byte[]> producer = kafka.producer()) {
      var unused =
          producer.send(
              new ProducerRecord<>(
                  topic, null, 5L, null, serde.serializer().serialize(topic, event)));
    }
    return event;
  }

  /** Keeps what it is told. */
  private static final class Recorder implements OutcomeListener {

    private final List<SpecificRecord> events = new ArrayList<>();
    private final List<Instant> times = new ArrayList<>();
    private int unreadable;

    @Override
    public void mask(MaskEvent mask, Instant writtenAt) {
      events.add(mask);
      times.add(writtenAt);
    }

    @Override
    public void region(RegionEvent region) {
      events.add(region);
    }

    @Override
    public void deadLetter(DeadLetterEvent letter) {
      events.add(letter);
    }

    @Override
    public void unreadable() {
      unreadable++;
    }
  }
}
