package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.event.DeadLetterReason;
import io.atrous.watch.CameraFigures;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The figures of cameras, drawn into terminals. */
final class WatchTableTest {

  private final WatchTable table = new WatchTable(false);

  @Test
  void aCameraIsALineWithItsClassesAsABar() {
    List<String> lines = table.lines(List.of(camera("street-0")), 100, 24);

    assertThat(lines)
        .containsExactly(
            "camera   frames/s  p50 ms dead letters  p95 ms regions/s  classes",
            "street-0      9.9     120            3     180      12.4  "
                + "r".repeat(22)
                + "b".repeat(11)
                + "p".repeat(7)
                + ".".repeat(2),
            "dead letters: STALE 2, TOO_LARGE 1",
            "r road  b building  p person");
  }

  @Test
  void whereNothingIsKnownADashStands() {
    CameraFigures silent =
        new CameraFigures(
            null, 0, 0, Map.of(DeadLetterReason.STALE, 1L), 0, 0, null, Map.of(), Duration.ZERO);

    assertThat(table.lines(List.of(silent), 100, 24).get(1))
        .startsWith("(no camera)      0.0       -            1       -");
  }

  @ParameterizedTest
  @CsvSource({
    "80, true, true, true",
    "60, true, true, false",
    "40, true, false, false",
    "20, false, false, false",
  })
  void aNarrowTerminalShowsWhatMattersMost(
      int columns, boolean letters, boolean percentile, boolean bar) {
    List<String> lines = table.lines(List.of(camera("street-0")), columns, 24);

    assertThat(lines.get(0)).startsWith("camera").contains("frames/s");
    assertThat(lines.get(0).contains("dead letters")).isEqualTo(letters);
    assertThat(lines.get(0).contains("p95 ms")).isEqualTo(percentile);
    assertThat(lines.get(0).contains("classes")).isEqualTo(bar);
  }

  @Test
  void nothingIsEverLargerThanTheTerminal() {
    Random random = new Random(5);
    for (int columns = 1; columns < 130; columns++) {
      for (int rows : new int[] {1, 2, 3, 5, 24}) {
        List<CameraFigures> cameras =
            IntStream.range(0, random.nextInt(40))
                .mapToObj(i -> camera("camera-" + "x".repeat(random.nextInt(60)) + i))
                .toList();

        List<String> lines = table.lines(cameras, columns, rows);

        assertThat(lines).hasSizeLessThanOrEqualTo(rows);
        int room = columns;
        assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(room));
      }
    }
  }

  @Test
  void camerasThatDoNotFitAreCounted() {
    List<CameraFigures> cameras =
        IntStream.range(0, 500).mapToObj(i -> camera("camera-" + i)).toList();

    List<String> lines = table.lines(cameras, 100, 10);

    assertThat(lines).hasSize(10);
    assertThat(lines.get(7)).isEqualTo("and 494 more cameras");
    assertThat(lines.get(8)).startsWith("dead letters: STALE 1000");
  }

  @Test
  void aTerminalObeysNoCameraAndNoClass() {
    CameraFigures evil = camera("\u001b[2Jevil\r\n", Map.of("\u001b]0;title\u0007", 1.0));

    assertThat(table.lines(List.of(evil), 100, 24))
        .allSatisfy(line -> assertThat(line).doesNotContain("\u001b", "\r", "\n", "\u0007"));
  }

  @Test
  void coloursChangeNothingButColours() {
    List<CameraFigures> cameras = List.of(camera("a"), camera("b"));

    List<String> coloured = new WatchTable(true).lines(cameras, 100, 24);

    assertThat(coloured.get(1)).contains("\u001b[");
    assertThat(coloured.stream().map(line -> line.replaceAll("\u001b\\[[0-9;]*m", "")))
        .containsExactlyElementsOf(table.lines(cameras, 100, 24));
  }

  @Test
  void everyClassHasALetterOfItsOwnThatStays() {
    ClassBar bar = new ClassBar(false);
    Map<String, Double> shares = new LinkedHashMap<>();
    for (String name : List.of("pavement", "person", "plant", "pole")) {
      shares.put(name, 0.25);
    }

    assertThat(bar.of(shares, 8)).isEqualTo("ppeelloo");
    assertThat(bar.of(Map.of("pole", 1.0), 4)).isEqualTo("oooo");
    assertThat(bar.legend(100)).isEqualTo("p pavement  e person  l plant  o pole");
    assertThat(bar.legend(23)).isEqualTo("p pavement  e person");
  }

  @Test
  void aThousandClassesAreDrawn() {
    ClassBar bar = new ClassBar(false);
    Map<String, Double> shares = new LinkedHashMap<>();
    IntStream.range(0, 1_000).forEach(i -> shares.put("class " + i, 0.001));

    assertThat(bar.of(shares, 50)).hasSize(50);
  }

  @ParameterizedTest
  @CsvSource({"40 120, 120, 40", "0 0, 80, 24", "null, 80, 24", "99999 1, 80, 24", "'', 80, 24"})
  void aTerminalThatDoesNotKnowItsSizeHasAUsualOne(String answer, int columns, int rows) {
    assertThat(Screen.parse(answer)).isEqualTo(new Screen.Size(columns, rows));
  }

  private static CameraFigures camera(String id) {
    Map<String, Double> shares = new LinkedHashMap<>();
    shares.put("road", 0.52);
    shares.put("building", 0.26);
    shares.put("person", 0.17);
    return camera(id, shares);
  }

  private static CameraFigures camera(@Nullable String id, Map<String, Double> shares) {
    return new CameraFigures(
        id,
        100,
        200,
        Map.of(DeadLetterReason.STALE, 2L, DeadLetterReason.TOO_LARGE, 1L),
        9.93,
        12.4,
        new CameraFigures.Latency(Duration.ofMillis(120), Duration.ofMillis(180)),
        shares,
        Duration.ofMillis(50));
  }
}
