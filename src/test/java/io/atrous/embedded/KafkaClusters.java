package io.atrous.embedded;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.apache.kafka.common.utils.AppInfoParser;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** Starts the one cluster of {@link KafkaTest}s, and says which it is. */
final class KafkaClusters implements ParameterResolver {

  private static final String CHOICE = System.getProperty("test.kafka", "auto");

  private static final String OFFICIAL = "apache/kafka";
  private static final String IMAGE =
      System.getProperty("test.kafka.image", OFFICIAL + ":" + AppInfoParser.getVersion());

  private static final Duration START_TIMEOUT = Duration.ofMinutes(3);

  private record Running(KafkaCluster cluster, Closeable owner) implements AutoCloseable {

    Running {
      System.out.println("Kafka for tests: " + cluster.description());
    }

    @Override
    public void close() throws IOException {
      owner.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == KafkaCluster.class;
  }

  @Override
  public KafkaCluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(KafkaClusters.class))
        .computeIfAbsent(Running.class, key -> start(), Running.class)
        .cluster();
  }

  private static Running start() {
    return switch (CHOICE) {
      case "embedded" -> embedded("");
      case "docker" -> docker();
      case "auto" -> dockerOrEmbedded();
      default ->
          throw new IllegalArgumentException(
              "-Dtest.kafka is auto, embedded or docker, not " + CHOICE);
    };
  }

  private static Running dockerOrEmbedded() {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      return embedded(", since no container engine answers");
    }
    try {
      return docker();
    } catch (ContainerLaunchException e) {
      return embedded(
          ", since the container engine has no %s (%s)".formatted(IMAGE, e.getMessage()));
    }
  }

  private static Running docker() {
    KafkaContainer container =
        new KafkaContainer(DockerImageName.parse(IMAGE).asCompatibleSubstituteFor(OFFICIAL))
            .withStartupTimeout(START_TIMEOUT);
    container.start();
    return new Running(
        new KafkaCluster(container.getBootstrapServers(), "a container of " + IMAGE),
        container::stop);
  }

  private static Running embedded(String why) {
    try {
      EmbeddedKafka kafka = EmbeddedKafka.start();
      return new Running(
          new KafkaCluster(kafka.bootstrapServers(), "the embedded broker" + why), kafka::close);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
