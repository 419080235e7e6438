package io.atrous.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.bench.BenchReport.Row;
import io.atrous.bench.NetworkBench.Subject;
import io.atrous.inference.EngineChoice;
import io.atrous.model.ModelFile;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Safetensors.Tensor;
import io.atrous.model.StorageType;
import io.atrous.network.RandomModels;
import io.atrous.network.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real network, small, on the real engine; how fast it is depends on who else is here. */
@Tag("slow")
class NetworkBenchTest {

  private static final NetworkSpec NETWORK =
      NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 8, 16, 8, 5);

  @TempDir private Path temporary;
  @TempDir private Path models;

  @Test
  void measuresEveryVariantAndProvesThatItComputesTheSame() throws IOException {
    NetworkBench bench = new NetworkBench(EngineChoice.AUTO, 1, 3, 1, temporary, System::nanoTime);
    List<Double> progress = new ArrayList<>();

    List<Row> rows =
        bench
            .compare(
                new Subject("tiny", Weights.untrained(NETWORK, 1), null, 33, 49, 2),
                (fraction, what) -> progress.add(fraction))
            .rows();

    assertThat(rows)
        .extracting(Row::name)
        .doesNotHaveDuplicates()
        .contains(
            "tiny 33x49 batch 2: blocks fp32, logits",
            "tiny 33x49 batch 2: plain fp32, body",
            "tiny 33x49 batch 2: plain bf16, labels",
            "tiny 33x49 batch 2: fused oneDNN fp32, labels and confidence");
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row.minMillis()).isPositive().isLessThanOrEqualTo(row.medianMillis());
              assertThat(row.maxMillis()).isGreaterThanOrEqualTo(row.medianMillis());
              assertThat(row.gflops()).isPositive();
            });
    assertThat(rows)
        .filteredOn(row -> row.name().contains("plain fp32"))
        .extracting(Row::relativeError)
        .allSatisfy(error -> assertThat(error).isLessThan(1e-5));
    assertThat(progress).isSorted().last().isEqualTo(1.0);
    assertThat(temporary).isEmptyDirectory();
    assertThat(bench.machine()).contains("1 used").contains("PyTorch 2.");
  }

  @Test
  void failsOnLogitsThatAreNotTheBlocks() throws IOException {
    NetworkBench bench = new NetworkBench(EngineChoice.AUTO, 1, 3, 1, temporary, System::nanoTime);
    Map<String, Tensor> tensors = new HashMap<>(RandomModels.tensors(NETWORK, 1));
    // Infinite logits, of which none equals another.
    tensors.replaceAll(
        (name, tensor) ->
            name.startsWith("last_conv.6.weight") ? filled(tensor, Float.MAX_VALUE) : tensor);
    Path file = models.resolve("infinite.safetensors");
    ModelFile.write(
        file, RandomModels.spec(NETWORK.classes(), 33, 49), NETWORK, tensors, StorageType.F32);
    Subject subject = new Subject("infinite", Weights.of(ModelFile.open(file)), null, 33, 49, 1);

    assertThatThrownBy(() -> bench.compare(subject, (fraction, what) -> {}))
        .isInstanceOf(BenchFailedException.class)
        .hasMessageStartingWith("plain fp32 computes infinite wrongly");
    assertThat(temporary).isEmptyDirectory();
  }

  private static Tensor filled(Tensor tensor, float value) {
    float[] values = tensor.values().clone();
    Arrays.fill(values, value);
    return new Tensor(tensor.shape(), values);
  }
}
