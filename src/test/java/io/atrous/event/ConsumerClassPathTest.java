package io.atrous.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.mask.MaskFormat;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;

/** Events and masks are read with no other jars than those that docs/consumers.md names. */
final class ConsumerClassPathTest {

  /** The jars to hold events and decode masks, by a class of each. */
  private static final Map<String, Class<?>> DECODING = new LinkedHashMap<>();

  /** The jars to read records. */
  private static final Map<String, Class<?>> READING;

  static {
    DECODING.put("avro", Schema.class);
    DECODING.put("jackson-core", JsonFactory.class);
    DECODING.put("jackson-databind", ObjectMapper.class);
    DECODING.put("jackson-annotations", JsonProperty.class);
    DECODING.put("slf4j-api", Logger.class);
    READING = new LinkedHashMap<>(DECODING);
    READING.put("kafka-clients", KafkaConsumer.class);
  }

  @ParameterizedTest
  @EnumSource(MaskFormat.class)
  void masksOfEveryEncodingAreDecodedWithoutKafka(MaskFormat format) throws Exception {
    try (URLClassLoader loader = loader(DECODING)) {
      assertThat(run(loader, ConsumerProbe.Decoding.class, format.name(), new byte[0]))
          .isEqualTo(ConsumerProbe.expected());
    }
  }

  @Test
  void recordsAreReadWithoutStreamsEnginesAndPictures() throws Exception {
    try (LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
        AvroEventSerde<MaskEvent> serde = LoopbackSerdes.serde(MaskEvent.class, registry);
        URLClassLoader loader = loader(READING)) {
      byte[] record =
          serde.serializer().serialize(Topics.MASKS, ConsumerProbe.mask(MaskFormat.CHAIN_CODE));

      assertThat(run(loader, ConsumerProbe.Reading.class, registry.url().toString(), record))
          .isEqualTo(ConsumerProbe.expected());
      for (String absent :
          new String[] {
            KafkaStreams.class.getName(),
            "ai.djl.engine.Engine",
            "org.bytedeco.opencv.opencv_core.Mat"
          }) {
        assertThatThrownBy(() -> loader.loadClass(absent))
            .isInstanceOf(ClassNotFoundException.class);
      }
    }
  }

  @Test
  void thePageNamesTheseJars() throws IOException {
    String added =
        String.join(
            ", ", READING.keySet().stream().filter(jar -> !DECODING.containsKey(jar)).toList());

    assertThat(Files.readString(Path.of("docs", "consumers.md")))
        .contains("decode masks | " + String.join(", ", DECODING.keySet()) + " |")
        .contains("read records | these, " + added + " |");
  }

  private static byte[] run(
      ClassLoader loader,
      Class<? extends BiFunction<String, byte[], byte[]>> probe,
      String first,
      byte[] second)
      throws ReflectiveOperationException {
    var constructor = loader.loadClass(probe.getName()).getDeclaredConstructor();
    constructor.setAccessible(true);
    @SuppressWarnings("unchecked")
    BiFunction<String, byte[], byte[]> isolated =
        (BiFunction<String, byte[], byte[]>) constructor.newInstance();
    return isolated.apply(first, second);
  }

  /** One that sees the JDK, our classes, and these jars. */
  private static URLClassLoader loader(Map<String, Class<?>> jars) {
    URL[] path = new URL[jars.size() + 2];
    int at = 0;
    for (Map.Entry<String, Class<?>> jar : jars.entrySet()) {
      path[at] = location(jar.getValue());
      assertThat(path[at].getPath()).contains("/" + jar.getKey() + "-");
      at++;
    }
    path[at] = location(MaskReader.class);
    path[at + 1] = location(ConsumerProbe.class);
    return new URLClassLoader(path, ClassLoader.getPlatformClassLoader());
  }

  private static URL location(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }
}
