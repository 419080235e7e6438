package io.atrous.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests one broker for the whole run; each test keeps to topics and groups of its own.
 *
 * <p>Use with {@code @ExtendWith(SharedKafka.class)} and a parameter of type {@link EmbeddedKafka}.
 */
public final class SharedKafka implements ParameterResolver {

  private record Running(EmbeddedKafka kafka) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      kafka.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == EmbeddedKafka.class;
  }

  @Override
  public EmbeddedKafka resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(SharedKafka.class))
        .computeIfAbsent(Running.class, key -> start(), Running.class)
        .kafka();
  }

  /** Members that die are noticed soon, so that tests of failures are quick. */
  private static Running start() {
    try {
      return new Running(
          EmbeddedKafka.start(
              1,
              Map.of(
                  "group.min.session.timeout.ms", "500",
                  "group.streams.min.session.timeout.ms", "500",
                  "group.streams.session.timeout.ms", "2000",
                  "group.streams.min.heartbeat.interval.ms", "100",
                  "group.streams.heartbeat.interval.ms", "200")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
