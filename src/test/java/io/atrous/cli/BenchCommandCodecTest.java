package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.mask.MaskFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchCommandCodecTest {

  @TempDir private Path directory;

  @Test
  void printsATableAndWritesTheSameFiguresAsJson() throws IOException {
    Path json = directory.resolve("c.json");

    CommandRun run =
        CommandRun.of(
            "bench", "codec", "--size", "64x96", "--scenes", 2, "--rounds", 3, "--json", json);

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode report = new ObjectMapper().readTree(json.toFile());
    assertThat(run.out()).contains(report.get("machine").asText());
    assertThat(report.get("rows"))
        .extracting(row -> row.get("name").asText())
        .containsExactlyElementsOf(
            Stream.of("labels", "confidences, 16 levels")
                .flatMap(
                    map -> Arrays.stream(MaskFormat.values()).map(format -> map + ", " + format))
                .flatMap(what -> Stream.of(what + ", encode", what + ", decode"))
                .map(what -> "64x96: " + what.toLowerCase(Locale.ROOT))
                .toList());
    assertThat(report.get("rows").get(0).fieldNames())
        .toIterable()
        .containsExactly(
            "name",
            "framesPerSecond",
            "meanMillis",
            "medianMillis",
            "minMillis",
            "maxMillis",
            "meanBytes",
            "maxBytes",
            "meanOfPng",
            "maxOfPng");
    assertThat(report.get("rows").get(0).get("maxOfPng").asDouble())
        .as("the format's whole point")
        .isLessThan(0.6);
  }

  @ParameterizedTest
  @CsvSource({
    "--rounds, 2, --rounds: there must be at least 3 rounds",
    "--scenes, 0, '--scenes must be at least 1, not 0'",
    "--seconds, 0, '--seconds must be at least 1, not 0'",
    "--levels, 1, '--levels: there can be 2 to 256 levels, not 1'",
    "--size, big, 'is not a size such as 256x448'",
    "--json, nowhere/n.json, --json: cannot write nowhere/n.json",
  })
  void refusesWhatItCannotMeasureBeforeItBegins(String option, String value, String sentence) {
    CommandRun run = CommandRun.of("bench", "codec", option, value);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(sentence);
    assertThat(run.out()).isEmpty();
  }
}
