package io.atrous.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.bench.CodecComparison.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

class CodecComparisonTest {

  private final CodecComparison comparison = new CodecComparison("513x513");

  @Test
  void tellsTheMeanAndTheWorstMapInTimeAndBytes() {
    comparison.add(
        "labels, png, encode",
        List.of(0.1, 0.4, 0.3, 0.2),
        List.of(10, 40, 20, 30),
        List.of(40, 80, 100, 30));

    Row row = comparison.rows().get(0);

    assertThat(row.name()).isEqualTo("513x513: labels, png, encode");
    assertThat(row.meanMillis()).isEqualTo(0.25);
    assertThat(row.framesPerSecond()).isEqualTo(4000);
    assertThat(row.medianMillis()).isEqualTo(0.25);
    assertThat(row.minMillis()).isEqualTo(0.1);
    assertThat(row.maxMillis()).isEqualTo(0.4);
    assertThat(row.meanBytes()).isEqualTo(25);
    assertThat(row.maxBytes()).isEqualTo(40);
    assertThat(row.meanOfPng()).isEqualTo(0.4); // 100 of 250
    assertThat(row.maxOfPng()).isEqualTo(1); // 30 of 30
  }

  @Test
  void showsALineForEachRow() {
    comparison.add("labels, png, encode", List.of(0.1), List.of(10), List.of(40));
    comparison.add("labels, png, decode", List.of(0.05), List.of(10), List.of(40));

    assertThat(comparison.table().lines()).hasSize(4).first().isEqualTo("513x513");
    assertThat(comparison.table().lines().toList().get(3))
        .startsWith("  labels, png, decode ")
        .contains(" 0.050 ", " 10 ", " 0.25");
  }
}
