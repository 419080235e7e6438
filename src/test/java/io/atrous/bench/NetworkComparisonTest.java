package io.atrous.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.bench.BenchReport.Row;
import io.atrous.bench.NetworkPart.Extent;
import io.atrous.bench.Rounds.Times;
import io.atrous.network.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class NetworkComparisonTest {

  private final Map<NetworkPart, Times> times = new LinkedHashMap<>();

  @Test
  void countsImagesAndOperationsAgainstTheBestRateOfTheirPrecision() {
    add(new NetworkPart("3x3", Extent.CONVOLUTION, Precision.FP32, 1, 2, null), 5);
    add(new NetworkPart("1x1", Extent.CONVOLUTION, Precision.FP32, 1, 3, null), 10);
    add(new NetworkPart("3x3", Extent.CONVOLUTION, Precision.BF16, 1, 2, null), 2);
    add(new NetworkPart("plain fp32", Extent.BODY, Precision.FP32, 4, 10, 1e-6), 50, 40, 99);

    Row row = new NetworkComparison("street", times).rows().get(3);

    assertThat(row.name()).isEqualTo("street: plain fp32, body");
    assertThat(row.framesPerSecond()).isEqualTo(80); // 4 images in 50 ms
    assertThat(row.medianMillis()).isEqualTo(50);
    assertThat(row.minMillis()).isEqualTo(40);
    assertThat(row.maxMillis()).isEqualTo(99);
    assertThat(row.gflops()).isEqualTo(200); // 10 billion in 50 ms
    assertThat(row.fractionOfBest()).isEqualTo(0.5); // 2 billion in 5 ms
    assertThat(row.relativeError()).isEqualTo(1e-6);
  }

  @Test
  void nothingIsFasterThanTheBest() {
    add(new NetworkPart("3x3", Extent.CONVOLUTION, Precision.BF16, 1, 2, null), 20);
    add(new NetworkPart("plain bf16", Extent.BODY, Precision.BF16, 1, 10, 0.01), 50);

    List<Row> rows = new NetworkComparison("street", times).rows();

    assertThat(rows.get(0).fractionOfBest()).isEqualTo(0.5);
    assertThat(rows.get(1).fractionOfBest()).isEqualTo(1);
  }

  @Test
  void showsTheGainOverTheBlocksAndTheTailsShareOfACall() {
    add(new NetworkPart("blocks fp32", Extent.LOGITS, Precision.FP32, 1, 10, 0.0), 100);
    add(new NetworkPart("plain fp32", Extent.BODY, Precision.FP32, 1, 10, 1e-6), 60);
    add(new NetworkPart("plain fp32", Extent.LABELS, Precision.FP32, 1, 10, 1e-6), 80);

    assertThat(new NetworkComparison("street", times).table().lines())
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("  plain fp32, labels ")
                    .contains(" 80.0 ", " 1.25 ", "1.0e-06")
                    .endsWith(" 25 %"));
  }

  private void add(NetworkPart part, long... millis) {
    times.put(part, new Times(LongStream.of(millis).mapToObj(m -> m * 1_000_000).toList()));
  }
}
