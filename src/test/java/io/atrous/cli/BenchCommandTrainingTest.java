package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class BenchCommandTrainingTest {

  @TempDir private Path directory;

  @Test
  void saysWhatOfAStepGoesWhere() throws Exception {
    Path json = directory.resolve("figures.json");

    CommandRun run =
        CommandRun.of(
            "bench",
            "training",
            "--batch-size",
            "1,2",
            "--crop",
            "32x48",
            "--steps",
            3,
            "--threads",
            1,
            "--json",
            json);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("images/s").contains("32x48 batch 2");
    JsonNode rows = new ObjectMapper().readTree(json.toFile()).get("rows");
    assertThat(rows).hasSize(2);
    JsonNode row = rows.get(1);
    assertThat(row.get("imagesPerSecond").asDouble())
        .isCloseTo(2000 / row.get("medianMillis").asDouble(), within(1e-6));
    assertThat(
            row.get("data").asDouble()
                + row.get("forward").asDouble()
                + row.get("backward").asDouble()
                + row.get("optimizer").asDouble())
        .isCloseTo(1, within(1e-9));
    assertThat(row.get("backward").asDouble()).isPositive();
  }

  @Test
  void refusesTooFewSteps() {
    CommandRun run = CommandRun.of("bench", "training", "--steps", 1);

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err()).contains("--steps: there must be at least 3 steps");
  }
}
