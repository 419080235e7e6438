package io.atrous.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.fuzz.FuzzTarget;
import io.atrous.fuzz.Fuzzing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;

/**
 * Whatever a configuration file holds: a configuration, or one sentence that says what is wrong.
 */
public final class ServiceConfigFuzz implements FuzzTarget {

  private static final String REQUIRED =
      """
      application.id=a
      bootstrap.servers=localhost:9092
      frames.topics=frames
      model.file=builtin:street
      schema.registry.url=http://localhost:8081
      """;

  @Override
  public String name() {
    return "configuration";
  }

  @Override
  public List<byte[]> seeds() {
    return Stream.of(
            REQUIRED,
            "\uFEFF" + REQUIRED,
            REQUIRED
                + """
                processing.guarantee=at_least_once
                frames.references.allowed.prefixes=https://store.example/frames, s3://bucket/a
                frames.references.s3.endpoint=https://minio:9000
                frames.references.s3.access.key=k
                frames.references.s3.secret.key=s
                model.input.size=256x448
                mask.confidence=map
                regions.ignored.classes=sky, road
                """,
            REQUIRED
                + """
                streams.producer.max.request.size=2097152
                streams.consumer.session.timeout.ms=45000
                streams.security.protocol=SASL_SSL
                streams.group.protocol=streams
                drain.timeout.ms=4000
                basic.auth.credentials.source=USER_INFO
                basic.auth.user.info=user:word
                schema.registry.ssl.truststore.type=PEM
                """)
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  @Override
  public List<byte[]> words() {
    List<String> words = new ArrayList<>(ServiceConfig.DEFINITION.names());
    words.replaceAll(key -> "\n" + key + "=");
    words.addAll(
        List.of(
            "=",
            ":",
            ",",
            "\n",
            "\r",
            "\\",
            "\\u00",
            "\\u0000",
            "#",
            " ",
            "-1",
            "0",
            "1e400",
            "NaN",
            "true",
            "yes",
            "999999999999999999999",
            "2147483647",
            "auto",
            "cuda:0",
            "cuda:-1",
            "cuda:99999999999",
            "builtin:street",
            "http://u:p@h/",
            "file:///",
            "*",
            "[",
            "(a+)+$",
            "${a}",
            "\u0000",
            "ä",
            "\uFEFF",
            "streams.",
            "streams.producer.",
            "streams.consumer.",
            "streams.main.consumer.",
            "streams.admin.",
            "\nstreams.request.timeout.ms=",
            "\nstreams.max.poll.interval.ms=",
            "\nstreams.transaction.timeout.ms=",
            "\nstreams.client.id="));
    return Stream.concat(
            words.stream().map(word -> word.getBytes(StandardCharsets.UTF_8)),
            Stream.of("=", "\uFEFF").map(word -> word.getBytes(StandardCharsets.UTF_16LE)))
        .toList();
  }

  @Override
  public boolean reads(byte[] input) throws IOException {
    Path file = Files.write(Fuzzing.file(name() + ".properties"), input);
    try {
      ServiceConfig config = ServiceConfig.of(ServiceConfig.merge(file, Map.of(), Map.of()));
      var references = ClaimCheckKeys.payloads(config);
      assertThat(references.maxBytes()).isPositive();
      var unused = RegistryKeys.registry(config);
      assertThat(StreamsProperties.of(config)).isNotEmpty();
      return true;
    } catch (ConfigException refused) {
      assertThat(refused.getMessage()).isNotBlank();
      return false;
    }
  }
}
