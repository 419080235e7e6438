package io.atrous.event;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Confluent's real serialisers, on this class path's Avro and Kafka as in the Maven profile {@code
 * confluent}. The jar they come from holds much else, unrelocated, so they get a class loader that
 * sees nothing of this class path but what they share with us.
 */
final class ConfluentClasses implements AutoCloseable {

  private static final Path JAR = Path.of("target", "interop", "confluent-avro.jar");

  private static final List<String> SHARED_PACKAGES =
      List.of("org.apache.avro.", "org.apache.kafka.", "org.slf4j.", "io.atrous.event.");

  private final URLClassLoader loader;

  ConfluentClasses() throws MalformedURLException {
    if (!Files.exists(JAR)) {
      throw new IllegalStateException(
          JAR + " is missing: Maven's process-test-resources phase puts it there.");
    }
    this.loader = new URLClassLoader(new URL[] {JAR.toUri().toURL()}, new SharedPackages());
  }

  Serializer<Object> serializer(Map<String, ?> configuration) {
    @SuppressWarnings("unchecked")
    Serializer<Object> serializer =
        (Serializer<Object>) make("io.confluent.kafka.serializers.KafkaAvroSerializer");
    withLoader(() -> serializer.configure(configuration, false));
    return serializer;
  }

  Deserializer<Object> deserializer(Map<String, ?> configuration) {
    @SuppressWarnings("unchecked")
    Deserializer<Object> deserializer =
        (Deserializer<Object>) make("io.confluent.kafka.serializers.KafkaAvroDeserializer");
    withLoader(() -> deserializer.configure(configuration, false));
    return deserializer;
  }

  private Object make(String className) {
    try {
      return loader.loadClass(className).getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Confluent's jar doesn't hold " + className, e);
    }
  }

  /** Confluent finds the classes that its configuration names by the thread's class loader. */
  private void withLoader(Runnable action) {
    Thread thread = Thread.currentThread();
    ClassLoader previous = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      action.run();
    } finally {
      thread.setContextClassLoader(previous);
    }
  }

  @Override
  public void close() throws IOException {
    loader.close();
  }

  private static final class SharedPackages extends ClassLoader {

    SharedPackages() {
      super(getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (SHARED_PACKAGES.stream().anyMatch(name::startsWith)) {
        return ConfluentClasses.class.getClassLoader().loadClass(name);
      }
      throw new ClassNotFoundException(name);
    }
  }
}
