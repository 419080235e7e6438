package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.api.Test;

final class SegmentationServiceTest {

  @Test
  void streamsThatCanNotStartAreClosed() {
    Topology topology = new Topology();
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    topology.addSource("source", bytes, bytes, "frames");
    Properties properties = new Properties();
    properties.put("application.id", "can-not-start");
    properties.put("bootstrap.servers", "localhost:1");
    try (KafkaStreams streams = new KafkaStreams(topology, properties)) {
      streams.start();

      // A second start is refused.
      assertThatIllegalStateException().isThrownBy(() -> SegmentationService.startOrClose(streams));

      assertThat(streams.state()).isEqualTo(KafkaStreams.State.NOT_RUNNING);
    }
  }
}
