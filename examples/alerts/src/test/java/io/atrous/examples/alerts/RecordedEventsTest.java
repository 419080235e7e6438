package io.atrous.examples.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.event.EventSerdes;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the real service wrote for a camera with a frame a second: two seconds nobody, four somebody
 * on the left, a dead letter, two more, five nobody. {@code AlertExampleTest} recorded it.
 */
final class RecordedEventsTest {

  private static final Zone LEFT =
      new Zone(
          "gate",
          "left",
          "person",
          List.of(List.of(0.0, 0.0), List.of(0.5, 0.0), List.of(0.5, 1.0), List.of(0.0, 1.0)),
          0.2,
          0.1,
          2,
          3,
          2,
          60,
          0);

  /** A line of the recording: an event, in Avro's encoding of single objects. */
  private record Recorded(String topic, ByteBuffer event) {}

  /** In which order two topics may be read. */
  enum Order {
    AS_WRITTEN {
      @Override
      List<Recorded> of(List<Recorded> recording) {
        return recording;
      }
    },
    MASKS_FIRST {
      @Override
      List<Recorded> of(List<Recorded> recording) {
        return sorted(recording, "masks", "regions");
      }
    },
    REGIONS_FIRST {
      @Override
      List<Recorded> of(List<Recorded> recording) {
        return sorted(recording, "regions", "masks");
      }
    },
    TWICE {
      @Override
      List<Recorded> of(List<Recorded> recording) {
        List<Recorded> twice = new ArrayList<>(recording);
        twice.addAll(recording);
        return twice;
      }
    },
    SHUFFLED_REGIONS {
      @Override
      List<Recorded> of(List<Recorded> recording) {
        List<Recorded> regions =
            new ArrayList<>(recording.stream().filter(r -> r.topic().equals("regions")).toList());
        Collections.shuffle(regions, new Random(1));
        regions.addAll(recording.stream().filter(r -> r.topic().equals("masks")).toList());
        return regions;
      }
    };

    abstract List<Recorded> of(List<Recorded> recording);

    private static List<Recorded> sorted(List<Recorded> recording, String first, String second) {
      List<Recorded> sorted = new ArrayList<>();
      for (String topic : List.of(first, second)) {
        sorted.addAll(recording.stream().filter(r -> r.topic().equals(topic)).toList());
      }
      return sorted;
    }
  }

  @ParameterizedTest
  @EnumSource(Order.class)
  void isOneEpisodeHoweverTheTwoTopicsAreRead(Order order) throws IOException {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "recorded");
    try (LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start()) {
      properties.put("schema.registry.url", registry.url().toString());
      try (EventSerdes serdes = Alerts.serdes(properties);
          TopologyTestDriver driver =
              new TopologyTestDriver(
                  AlertTopology.build(AlertTopics.of(properties), new Zones(List.of(LEFT)), serdes),
                  properties)) {
        ByteArraySerializer key = new ByteArraySerializer();
        TestInputTopic<byte[], MaskEvent> masks =
            driver.createInputTopic("masks", key, serdes.serde(MaskEvent.class).serializer());
        TestInputTopic<byte[], RegionEvent> regions =
            driver.createInputTopic("regions", key, serdes.serde(RegionEvent.class).serializer());
        for (Recorded recorded : order.of(recording())) {
          if (recorded.topic().equals("masks")) {
            masks.pipeInput(MaskEvent.fromByteBuffer(recorded.event().duplicate()));
          } else {
            regions.pipeInput(RegionEvent.fromByteBuffer(recorded.event().duplicate()));
          }
        }

        List<AlertEvent> alerts =
            driver
                .createOutputTopic(
                    "alerts",
                    new StringDeserializer(),
                    serdes.serde(AlertEvent.class).deserializer())
                .readValuesToList();
        assertThat(alerts)
            .extracting(AlertEvent::getPhase, AlertEvent::getCapturedAt)
            .containsExactly(
                tuple(AlertPhase.BEGIN, Instant.parse("2026-01-02T12:00:04Z")),
                tuple(AlertPhase.END, Instant.parse("2026-01-02T12:00:12Z")));
        assertThat(alerts.get(0).getAlertId()).isEqualTo(alerts.get(1).getAlertId());
      }
    }
  }

  private static List<Recorded> recording() throws IOException {
    try (InputStream lines =
        Objects.requireNonNull(RecordedEventsTest.class.getResourceAsStream("recorded.txt"))) {
      return new String(lines.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(" ", 2))
          .map(line -> new Recorded(line[0], ByteBuffer.wrap(Base64.getDecoder().decode(line[1]))))
          .toList();
    }
  }
}
