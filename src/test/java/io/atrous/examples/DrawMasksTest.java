package io.atrous.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.mask.MaskFormat;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The program of {@code examples/python}, reading from a real broker. */
@ExtendWith(SharedKafka.class)
@Timeout(120)
@Tag("slow")
final class DrawMasksTest {

  private static final String TOPIC = "draw-masks";

  @TempDir private Path directory;

  private final byte[] labels = new byte[WrittenMasks.WIDTH * WrittenMasks.HEIGHT];

  @Test
  void drawsTheCommittedMasksOfEveryEncoding(EmbeddedKafka kafka) throws Exception {
    ExternalProgram python = ExternalProgram.python();
    python.assume(
        "python3 with confluent-kafka, fastavro and pillow is not here",
        "-c",
        "import confluent_kafka, fastavro, PIL");
    new Random(1).nextBytes(labels);
    kafka.createTopic(TOPIC, 2);
    ExternalProgram.Result result;
    try (LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start()) {
      new WrittenMasks(TOPIC, labels).send(kafka, registry);

      result =
          python.run(
              Path.of("examples", "python"),
              "draw_masks.py",
              "--bootstrap=" + kafka.bootstrapServers(),
              "--registry=" + registry.url(),
              "--topic=" + TOPIC,
              "--out=" + directory,
              "--count=3");
    }

    assertThat(result.exitCode()).as(result.said()).isZero();
    assertThat(result.said()).hasLineCount(3).contains("'gate'", "0 regions", "'road'");
    assertThat(directory).isDirectoryNotContaining("glob:**aborted*");
    for (MaskFormat format : MaskFormat.values()) {
      BufferedImage picture =
          ImageIO.read(directory.resolve("frames_0_" + format.name() + ".png").toFile());
      int[] drawn =
          picture
              .getRaster()
              .getPixels(0, 0, WrittenMasks.WIDTH, WrittenMasks.HEIGHT, new int[labels.length]);
      for (int at = 0; at < drawn.length; at++) {
        assertThat(drawn[at]).isEqualTo(Byte.toUnsignedInt(labels[at]));
      }
    }
  }
}
