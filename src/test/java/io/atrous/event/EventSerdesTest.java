package io.atrous.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.embedded.LoopbackSchemaRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Confluent's serde fails in our terms; the classes are the real ones. */
final class EventSerdesTest {

  private static final String TOPIC = "a-topic";
  private static final FrameEvent FRAME = new RandomEvents(31).frame();

  private static ConfluentClasses confluent;

  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();

  @BeforeAll
  static void load() throws IOException {
    confluent = new ConfluentClasses();
  }

  @AfterAll
  static void unload() throws IOException {
    confluent.close();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private <T extends SpecificRecord> Serde<T> theirs(Class<T> type, String url) {
    AvroEnvironment.prepare();
    Map<String, Object> configuration =
        Map.of(
            SchemaRegistryConfig.URL,
            url,
            SchemaRegistryConfig.SPECIFIC_AVRO_READER,
            true,
            SchemaRegistryConfig.MAX_RETRIES,
            0);
    Serde<Object> serde =
        Serdes.serdeFrom(
            confluent.serializer(configuration), confluent.deserializer(configuration));
    return new ThirdPartySerde<>("'a.key' = x", type, serde, () -> serde);
  }

  private <T extends SpecificRecord> Serde<T> theirs(Class<T> type) {
    return theirs(type, registry.url().toString());
  }

  @Test
  void readsBackWhatItWrote() {
    Serde<FrameEvent> serde = theirs(FrameEvent.class);
    byte[] bytes = serde.serializer().serialize(TOPIC, FRAME);
    assertThat(serde.deserializer().deserialize(TOPIC, bytes)).isEqualTo(FRAME);
    assertThat(serde.deserializer().deserialize(TOPIC, null)).isNull();
  }

  @Test
  void badRecordsAreInvalidEvents() {
    Serde<FrameEvent> serde = theirs(FrameEvent.class);
    byte[] bytes = serde.serializer().serialize(TOPIC, FRAME);
    byte[] unknownId = bytes.clone();
    unknownId[4] = 99;
    byte[] mask = theirs(MaskEvent.class).serializer().serialize("b", new RandomEvents(32).mask());
    byte[][] bad = {{}, {0, 0}, {123, 34, 125}, unknownId, Arrays.copyOf(bytes, 12), mask};
    for (byte[] record : bad) {
      assertThatThrownBy(() -> serde.deserializer().deserialize(TOPIC, record))
          .isInstanceOf(InvalidEventException.class);
    }
    Random random = new Random(33);
    for (int i = 0; i < 1_000; i++) {
      byte[] damaged = bytes.clone();
      damaged[5 + random.nextInt(damaged.length - 5)] = (byte) random.nextInt();
      try {
        serde.deserializer().deserialize(TOPIC, damaged);
      } catch (InvalidEventException e) {
        assertThat(e).message().isNotBlank();
      }
    }
  }

  @Test
  void aRegistryThatIsGoneIsNotTheRecordsFault() {
    byte[] bytes = theirs(FrameEvent.class).serializer().serialize(TOPIC, FRAME);
    Serde<FrameEvent> fresh = theirs(FrameEvent.class);
    registry.close();
    assertThatThrownBy(() -> fresh.deserializer().deserialize(TOPIC, bytes))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.isRetriable()).isTrue());
    assertThatThrownBy(() -> fresh.serializer().serialize(TOPIC, FRAME))
        .isInstanceOf(SchemaRegistryException.class);
  }

  @Test
  void aRegistryThatRefusesOrFailsIsNotTheRecordsFault() {
    byte[] bytes = theirs(FrameEvent.class).serializer().serialize(TOPIC, FRAME);
    for (int status : new int[] {401, 403, 404, 429, 500, 503}) {
      try (ScriptedServer server = new ScriptedServer()) {
        server.then(status, "{\"error_code\": " + status + ", \"message\": \"no\"}");
        Serde<FrameEvent> serde = theirs(FrameEvent.class, server.url());
        assertThatThrownBy(() -> serde.deserializer().deserialize(TOPIC, bytes))
            .isInstanceOfSatisfying(
                SchemaRegistryException.class,
                e -> assertThat(e.isRetriable()).isEqualTo(status >= 429));
      }
    }
  }

  @Test
  void makesOurOwnSerdeByItsName() {
    Map<String, Object> configuration = Map.of(SchemaRegistryConfig.URL, registry.url().toString());
    assertThat(
            EventSerdes.of("a.key", AvroEventSerde.class.getName(), configuration)
                .serde(FrameEvent.class))
        .isInstanceOf(AvroEventSerde.class);
  }

  @Test
  void namesTheKeyOfAClassThatIsNotThereOrIsNoSerde() {
    for (String className :
        new String[] {
          "io.confluent.kafka.streams.serdes.avro.SpecificAvroSerde",
          "java.lang.Object",
          NeedsAnArgument.class.getName(),
          RefusesItsConfiguration.class.getName(),
        }) {
      assertThatThrownBy(() -> made(className))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("a.key");
    }
  }

  @Test
  void configuresAnotherSerdeForGeneratedClasses() {
    Serde<FrameEvent> serde = made(RecordingSerde.class.getName());
    assertThat(RecordingSerde.lastConfiguration)
        .containsEntry("specific.avro.reader", true)
        .containsEntry("avro.remove.java.properties", true)
        .containsEntry(SchemaRegistryConfig.URL, registry.url().toString());
    assertThat(serde.deserializer().deserialize(TOPIC, new byte[0])).isNull();
    assertThat(RecordingSerde.lastConfiguration)
        .as("two tries within the deadline of 1,500 ms")
        .containsEntry(SchemaRegistryConfig.MAX_RETRIES, 1)
        .containsEntry(SchemaRegistryConfig.CONNECT_TIMEOUT_MS, 300)
        .containsEntry(SchemaRegistryConfig.READ_TIMEOUT_MS, 300);
  }

  @Test
  void aClassIsTheOneThatTheThreadsContextClassLoaderFinds() throws Exception {
    String className = RecordingSerde.class.getName();
    ClassLoader plugins = new PluginClassLoader(className);
    Thread thread = Thread.currentThread();
    ClassLoader previous = thread.getContextClassLoader();
    thread.setContextClassLoader(plugins);
    try {
      made(className).close();
    } finally {
      thread.setContextClassLoader(previous);
    }

    Field configuration = plugins.loadClass(className).getDeclaredField("lastConfiguration");
    configuration.setAccessible(true);
    assertThat(configuration.get(null))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry(SchemaRegistryConfig.URL, registry.url().toString());
  }

  @Test
  void preparingRegistersTheSchemaOfEachEventType() {
    for (Class<? extends SpecificRecord> type : EventSchemas.EVENT_TYPES) {
      ((EventSerde<?>) theirs(type)).prepare(type.getSimpleName());
    }
    assertThat(
            new SchemaRegistryClient(
                    new SchemaRegistryConfig(
                        Map.of(SchemaRegistryConfig.URL, registry.url().toString())))
                .subjects())
        .hasSize(EventSchemas.EVENT_TYPES.size());
  }

  @Test
  void preparingSaysThatASerdeIsForOtherThingsThanEvents() {
    EventSerde<FrameEvent> serde = made(Serdes.StringSerde.class.getName());
    assertThatThrownBy(() -> serde.prepare(TOPIC))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(
            "'a.key' = %s: it can't write a FrameEvent: ", Serdes.StringSerde.class.getName());
  }

  private EventSerde<FrameEvent> made(String className) {
    return EventSerdes.of(
            "a.key", className, Map.of(SchemaRegistryConfig.URL, registry.url().toString()))
        .serde(FrameEvent.class);
  }

  /** Has a class of its own by a name that this class path knows, too. */
  private static final class PluginClassLoader extends ClassLoader {

    private final String className;

    PluginClassLoader(String className) {
      super(PluginClassLoader.class.getClassLoader());
      this.className = className;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.equals(className)) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? define(name) : loaded;
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  /** Can't be made by reflection. */
  public static final class NeedsAnArgument extends Serdes.WrapperSerde<Object> {
    public NeedsAnArgument(String argument) {
      super((topic, event) -> new byte[0], (topic, bytes) -> argument);
    }
  }

  /** Throws what is no exception of Kafka's. */
  public static final class RefusesItsConfiguration extends Serdes.WrapperSerde<Object> {
    public RefusesItsConfiguration() {
      super((topic, event) -> new byte[0], (topic, bytes) -> null);
    }

    @Override
    public void configure(Map<String, ?> configuration, boolean isKey) {
      throw new IllegalStateException("no");
    }
  }

  /** Remembers how it was configured. */
  public static final class RecordingSerde extends Serdes.WrapperSerde<Object> {
    private static Map<String, Object> lastConfiguration = Map.of();

    public RecordingSerde() {
      super((topic, event) -> new byte[0], (topic, bytes) -> null);
    }

    @Override
    public void configure(Map<String, ?> configuration, boolean isKey) {
      lastConfiguration = Map.copyOf(configuration);
    }
  }
}
