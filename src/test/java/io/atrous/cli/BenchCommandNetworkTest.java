package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.model.ModelFile;
import io.atrous.model.NetworkSpec;
import io.atrous.network.RandomModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("slow")
class BenchCommandNetworkTest {

  @TempDir private Path directory;

  @Test
  void printsATableAndWritesTheSameFiguresAsJson() throws IOException {
    NetworkSpec network = NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, 5);
    ModelFile model = RandomModels.write(directory, network, 37, 50, 1);
    Path json = directory.resolve("n.json");

    CommandRun run =
        CommandRun.of(
            "bench",
            "network",
            "--network",
            model.origin(),
            "--batch",
            "1,2",
            "--threads",
            "1",
            "--rounds",
            "3",
            "--json",
            json);

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode report = new ObjectMapper().readTree(json.toFile());
    assertThat(report.get("machine").asText()).isNotBlank();
    assertThat(run.out()).contains(report.get("machine").asText());
    assertThat(report.get("rows"))
        .extracting(row -> row.get("name").asText())
        .contains(
            model.origin() + " 37x50 batch 1: plain fp32, labels",
            model.origin() + " 37x50 batch 2: plain fp32, labels");
    assertThat(report.get("rows").get(0).fieldNames())
        .toIterable()
        .containsExactly(
            "name",
            "framesPerSecond",
            "medianMillis",
            "minMillis",
            "maxMillis",
            "gflops",
            "fractionOfBest",
            "relativeError");
  }

  @ParameterizedTest
  @CsvSource({
    "--rounds, 2, --rounds: there must be at least 3 rounds",
    "--batch, 0, '--batch must be at least 1, not 0'",
    "--threads, -1, '--threads must be at least 1, not -1'",
    "--seconds, 0, '--seconds must be at least 1, not 0'",
    "--network, nowhere.safetensors, There is no model file nowhere.safetensors",
    "--json, nowhere/n.json, --json: cannot write nowhere/n.json",
  })
  void refusesWhatItCannotMeasureBeforeItBegins(String option, String value, String sentence) {
    CommandRun run = CommandRun.of("bench", "network", option, value);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(sentence);
    assertThat(run.out()).isEmpty();
  }
}
