package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real services on a real broker; how fast they are depends on who else is here. */
@Tag("slow")
class BenchCommandServiceTest {

  @TempDir private Path directory;

  @Test
  void runsTheServiceWithoutANetworkBesideTheNaiveOneAndWritesWhatBothTook() throws IOException {
    Path json = directory.resolve("s.json");

    CommandRun run =
        CommandRun.of(
            "bench",
            "service",
            "--service",
            "null,naive",
            "--frame",
            "180x320",
            "--backlog",
            "400",
            "--rounds",
            "1",
            "--seconds",
            "1",
            "--low-load",
            "200",
            "--json",
            json);

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode report = new ObjectMapper().readTree(json.toFile());
    assertThat(run.out()).contains(report.get("machine").asText());
    assertThat(report.get("rows"))
        .extracting(row -> row.get("name").asText())
        .doesNotHaveDuplicates()
        .contains(
            "null engine, at least once: topic to topic",
            "null engine, exactly once: processor time of the service",
            "naive service, threads: 1: processor time of the broker",
            "a worker: decode",
            "null engine, exactly once: latency, p99");
    assertThat(report.get("rows"))
        .filteredOn(row -> row.get("name").asText().endsWith("topic to topic"))
        .hasSizeBetween(3, 4) // a machine may have one core
        .allSatisfy(row -> assertThat(row.get("framesPerSecond").asDouble()).isPositive());
  }

  @ParameterizedTest
  @CsvSource({
    "--rounds, 0, '--rounds must be at least 1, not 0'",
    "--seconds, 0, '--seconds must be at least 1, not 0'",
    "--backlog, 99, '--backlog must be at least 100, not 99'",
    "--low-load, 0, --low-load must be more than 0 and at most 1000",
    "--service, fast, fast",
    "--set, batch.max.sise=4, Unknown key 'batch.max.sise'; did you mean 'batch.max.size'?",
    "--set, application.id=mine, --set: application.id is the bench's to set",
    "--json, nowhere/s.json, --json: cannot write nowhere/s.json",
  })
  void refusesWhatItCannotMeasureBeforeItBegins(String option, String value, String sentence) {
    CommandRun run = CommandRun.of("bench", "service", option, value);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(sentence);
    assertThat(run.out()).isEmpty();
  }
}
