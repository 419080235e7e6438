package io.atrous.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.checkpoint.FamilyFixture.Output;
import io.atrous.checkpoint.torch.TorchFiles;
import io.atrous.inference.NetworkRuntime;
import io.atrous.inference.NetworkRuntime.ReadyNetwork;
import io.atrous.inference.NetworkRuntimes;
import io.atrous.model.ModelFile;
import io.atrous.model.NetworkSpec;
import io.atrous.model.StorageType;
import io.atrous.network.RandomModels;
import io.atrous.network.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An imported checkpoint gives the logits of the code that it comes from. */
@Tag("slow")
final class FamilyParityTest {

  private static final double TOLERANCE = 1e-4;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "smp-resnet18, smp",
    "smp-resnet50, smp",
    "smp-dense-resnet34, smp",
    "smp-one-logit-resnet18, smp",
    "smp-deeplabv3-resnet34, smp-deeplabv3",
    "torchvision-deeplabv3-resnet50, torchvision-deeplabv3",
    "torchvision-deeplabv3-resnet101, torchvision-deeplabv3",
    "vainf-resnet50, vainf",
    "vainf-separable-resnet50, vainf",
    "vainf-deeplabv3-resnet50, vainf-deeplabv3",
    "jfzhang95-resnet101, jfzhang95",
  })
  void anImportGivesTheLogitsOfItsProject(String name, String family) throws IOException {
    FamilyFixture fixture = FamilyFixture.read(name);
    assertThat(fixture.outputs()).isNotEmpty();
    for (Output output : fixture.outputs()) {
      try (Checkpoint checkpoint = checkpoint(fixture)) {
        CheckpointImport plan =
            CheckpointImport.of(checkpoint, options(output.outputStride(), null));

        assertThat(plan.family().label()).isEqualTo(family);
        assertThat(plan.fresh()).isZero();
        assertThat(plan.imported() + plan.dropped()).isEqualTo(fixture.shapes().size());
        for (NetworkRuntime runtime : NetworkRuntimes.wide()) {
          assertThat(relativeError(plan, output, runtime))
              .as("relative error at output stride %d on %s", output.outputStride(), runtime)
              .isLessThan(TOLERANCE);
        }
      }
    }
  }

  /** What stands in no checkpoint shows in the logits, so that a reference can tell. */
  @Test
  void aReferenceTellsWrongRatesFromRightOnes() throws IOException {
    FamilyFixture fixture = FamilyFixture.read("vainf-resnet50");
    Output output = fixture.outputs().get(1);
    try (Checkpoint checkpoint = checkpoint(fixture)) {
      CheckpointImport wrong =
          CheckpointImport.of(checkpoint, options(output.outputStride(), List.of(12, 24, 30)));

      assertThat(relativeError(wrong, output, NetworkRuntimes.wide().get(0)))
          .isGreaterThan(Agreement.limit(StorageType.BF16));
    }
  }

  private static ImportOptions options(int outputStride, @Nullable List<Integer> rates) {
    return new ImportOptions(outputStride, rates, false, null, 1, null);
  }

  private static Checkpoint checkpoint(FamilyFixture fixture) {
    return Checkpoint.of(TorchFiles.inMemory(TorchFiles.zip(fixture.stateDict())));
  }

  private double relativeError(CheckpointImport plan, Output output, NetworkRuntime runtime)
      throws IOException {
    try (ReadyNetwork network = runtime.ready(Weights.of(write(plan)))) {
      float[] logits = network.logits(output.image(), 1, output.height(), output.width());
      // One logit became the second of two.
      int length = output.classes() * output.height() * output.width();
      float[] theirs = Arrays.copyOfRange(logits, logits.length - length, logits.length);
      return relativeError(output.gridOf(theirs), output.grid());
    }
  }

  private ModelFile write(CheckpointImport plan) throws IOException {
    NetworkSpec network = plan.network();
    Path file = directory.resolve("model.safetensors");
    Weights.write(
        file,
        RandomModels.spec(network.classes(), 64, 64),
        network,
        plan.tensors(),
        StorageType.F32);
    return ModelFile.open(file);
  }

  private static double relativeError(List<Float> actual, List<Float> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double error = 0;
    double norm = 0;
    for (int i = 0; i < actual.size(); i++) {
      error += Math.pow((double) actual.get(i) - expected.get(i), 2);
      norm += Math.pow(expected.get(i), 2);
    }
    return Math.sqrt(error / norm);
  }
}
