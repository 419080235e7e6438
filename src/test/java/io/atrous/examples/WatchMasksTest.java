package io.atrous.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The consumer of {@code examples/javascript}, reading from a real broker. */
@ExtendWith(SharedKafka.class)
@Timeout(120)
@Tag("slow")
final class WatchMasksTest {

  private static final String TOPIC = "watch-masks";
  private static final Path EXAMPLE = Path.of("examples", "javascript");

  @Test
  void saysWhatIsInTheCommittedMasksOfEveryEncoding(EmbeddedKafka kafka) throws IOException {
    ExternalProgram node = ExternalProgram.node();
    node.assume(
        "Node 18 or newer with kafkajs and avsc is not here (npm install in examples/javascript)",
        "--eval",
        "require('./"
            + EXAMPLE.resolve("node_modules")
            + "/kafkajs');"
            + "require('./"
            + EXAMPLE.resolve("node_modules")
            + "/avsc'); fetch");
    byte[] labels = new byte[WrittenMasks.WIDTH * WrittenMasks.HEIGHT];
    Arrays.fill(labels, labels.length / 4, labels.length, (byte) 255);
    kafka.createTopic(TOPIC, 1);
    ExternalProgram.Result result;
    try (LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start()) {
      new WrittenMasks(TOPIC, labels).send(kafka, registry);

      result =
          node.run(
              EXAMPLE,
              "watch-masks.mjs",
              "--bootstrap=" + kafka.bootstrapServers(),
              "--registry=" + registry.url(),
              "--topic=" + TOPIC,
              "--count=3");
    }

    assertThat(result.exitCode()).as(result.said()).isZero();
    // The group's coordinator may not be there at once, which kafkajs logs and tries again.
    assertThat(result.said().lines().filter(line -> line.startsWith("\"gate\"")))
        .hasSize(3)
        .containsOnly("\"gate\" 2026-01-02T12:00:00.000Z: 0 regions; no class 75 %, road 25 %");
  }
}
