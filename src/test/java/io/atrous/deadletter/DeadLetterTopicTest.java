package io.atrous.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.LoopbackSerdes;
import io.atrous.event.RandomEvents;
import io.atrous.settings.ServiceConfig;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where a reading ends, on a real broker. */
@ExtendWith(SharedKafka.class)
@Timeout(120)
@Tag("slow")
final class DeadLetterTopicTest {

  private static final String TOPIC = "growing-dead-letters";
  private static final DeadLetterFilter ANY = new DeadLetterFilter(Set.of(), Set.of(), null, null);

  @Test
  void aTopicThatGrowsWhileItIsReadIsReadToWhereItEndedAtTheStart(EmbeddedKafka kafka)
      throws Exception {
    kafka.createTopic(TOPIC, 2);
    try (LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
        AvroEventSerde<DeadLetterEvent> serde =
            LoopbackSerdes.serde(DeadLetterEvent.class, registry);
        KafkaProducer<byte[], byte[]> producer = kafka.producer();
        DeadLetterTopic topic = topicWith(kafka, registry)) {
      byte[] letter = serde.serializer().serialize(TOPIC, new RandomEvents(1).deadLetter());
      for (int i = 0; i < 10; i++) {
        send(producer, i % 2, letter);
      }

      DeadLetterTopic.Summary first =
          topic.read(
              ANY,
              Long.MAX_VALUE,
              any -> {
                // To the partition that is read now, and to the one that isn't yet.
                send(producer, 0, letter);
                send(producer, 1, letter);
                return true;
              });
      DeadLetterTopic.Summary second = topic.read(ANY, Long.MAX_VALUE, any -> true);

      assertThat(first.matched()).isEqualTo(10);
      assertThat(second.matched()).isEqualTo(30);
    }
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, int partition, byte[] letter) {
    try {
      producer.send(new ProducerRecord<>(TOPIC, partition, null, letter)).get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static DeadLetterTopic topicWith(EmbeddedKafka kafka, LoopbackSchemaRegistry registry) {
    return DeadLetterTopic.open(
        ServiceConfig.forTools(
            Map.of(
                "application.id",
                "reader",
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "schema.registry.url",
                registry.url().toString(),
                "dead.letters.topic",
                TOPIC)),
        System::nanoTime);
  }
}
