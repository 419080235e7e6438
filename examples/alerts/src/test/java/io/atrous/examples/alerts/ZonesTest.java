package io.atrous.examples.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a file of zones says, and which pixels a zone has. */
final class ZonesTest {

  private static final String ZONE =
      """
      {"camera": "gate", "name": "track", "class": "person",
       "polygon": [[0, 0], [1, 0], [1, 1]],
       "onShare": 0.2, "offShare": 0.1, "onSeconds": 1, "offSeconds": 2,
       "maxGapSeconds": 1, "updateSeconds": 5, "cooldownSeconds": 30}
      """;

  @TempDir private Path directory;

  @Test
  void aFileIsReadAsItIsWritten() throws IOException {
    assertThat(read("[" + ZONE + "]").of("gate"))
        .containsExactly(
            new Zone(
                "gate",
                "track",
                "person",
                List.of(List.of(0.0, 0.0), List.of(1.0, 0.0), List.of(1.0, 1.0)),
                0.2,
                0.1,
                1,
                2,
                1,
                5,
                30));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"gate\"                   | \"\"            | names no camera",
        "\"track\"                  | \" \"           | has no name",
        "\"person\"                 | \"\"            | names no class",
        "\"person\"                 | null            | class",
        ", [1, 1]]                  | ]               | three corners",
        "[1, 1]                     | [1, 1.5]        | fractions of the frame",
        "[1, 1]                     | [1, 1, 1]       | fractions of the frame",
        "[1, 1]                     | [0.5, 0]        | without area",
        "\"onShare\": 0.2           | \"onShare\": 0  | onShare",
        "\"offShare\": 0.1          | \"offShare\": 1 | offShare",
        "\"onSeconds\": 1           | \"onSeconds\": -1 | onSeconds",
        "\"offSeconds\": 2          | \"offSeconds\": -1 | offSeconds",
        "\"maxGapSeconds\": 1       | \"maxGapSeconds\": 0 | maxGapSeconds",
        "\"updateSeconds\": 5       | \"updateSeconds\": 0 | updateSeconds",
        "\"cooldownSeconds\": 30    | \"cooldownSeconds\": -1 | cooldownSeconds",
        "\"onSeconds\": 1,          | ''              | onSeconds",
        "\"onSeconds\"              | \"onSecond\"    | onSecond",
      })
  void whatCannotBeIsRefusedInASentence(String right, String wrong, String said) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("[" + ZONE.replace(right, wrong) + "]"))
        .satisfies(e -> assertThat(e.getMessage()).contains(said, "zones.json").hasLineCount(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[{]", "nonsense"})
  void whatIsNoListOfZonesIsRefusedInASentence(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(text))
        .satisfies(e -> assertThat(e.getMessage()).contains("zones.json").hasLineCount(1));
  }

  @Test
  void twoZonesOfACameraHaveTwoNames() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("[" + ZONE + "," + ZONE + "]"))
        .withMessageContaining("two zones 'track'");
  }

  @ParameterizedTest
  @CsvSource({"64, 64", "513, 257", "200, 31", "31, 200"})
  void aZoneHasThePixelsOfItsAreaInEverySizeOfMask(int width, int height) throws IOException {
    Zone triangle = read("[" + ZONE + "]").of("gate").get(0);

    assertThat((double) triangle.pixels(width, height).cardinality() / (width * height))
        .isCloseTo(0.5, within(0.02));
    assertThat(triangle.pixels(width, height).get(width - 1)).as("top right").isTrue();
    assertThat(triangle.pixels(width, height).get((height - 1) * width))
        .as("bottom left")
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[0.50001, 0.1], [0.50002, 0.1], [0.50002, 0.9]]",
        "[[0.1, 0.1], [0.1001, 0.1], [0.1001, 0.1001]]",
        "[[0.5, 0], [0.5001, 0], [0.5001, 1], [0.5, 1]]",
        "[[0, 0], [1, 1], [0.5, 0.5001]]"
      })
  void aZoneThatIsThinnerThanAPixelHasThePixelsThatItTouches(String polygon) throws IOException {
    Zone thin = read("[" + ZONE.replaceAll("\\[\\[.*]]", polygon) + "]").of("gate").get(0);

    for (int side = 1; side < 40; side++) {
      BitSet pixels = thin.pixels(side, side);
      assertThat(pixels.cardinality()).isBetween(1, 3 * side);
    }
  }

  private Zones read(String text) throws IOException {
    return Zones.read(Files.writeString(directory.resolve("zones.json"), text));
  }
}
