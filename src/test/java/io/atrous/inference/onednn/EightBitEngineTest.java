package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.SegmentationEngine;
import io.atrous.inference.torch.TorchScriptBackend;
import io.atrous.model.ModelFile;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Quantization;
import io.atrous.model.Quantization.Accuracy;
import io.atrous.network.RandomModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every engine promises, kept in eight bits. */
class EightBitEngineTest {

  private static final int HEIGHT = 71;
  private static final int WIDTH = 93;

  /** For the lists of masks and the masks' records. */
  private static final long SMALL_CHANGE = 1024;

  private final ModelFile model = ModelFile.shipped();
  private final AtomicLong now = new AtomicLong();

  @TempDir private Path directory;

  @BeforeEach
  void needTheInstructions() {
    Assumptions.assumeTrue(OneDnn.isHere() && OneDnn.hasInt8(), "no products of eight bits here");
  }

  @Test
  void answersABatchOfEverySizeExactlyAsItsImagesOneByOne() {
    List<ByteBuffer> images = images(7);
    try (SegmentationEngine engine = start(PrecisionChoice.INT8, 7)) {
      List<EngineMask> alone = new ArrayList<>();
      images.forEach(image -> alone.addAll(engine.segment(List.of(image))));
      for (int size = 1; size <= 7; size++) {
        List<EngineMask> together = engine.segment(images.subList(0, size));

        for (int i = 0; i < size; i++) {
          assertThat(together.get(i).labels()).isEqualTo(alone.get(i).labels());
          assertThat(together.get(i).confidence()).isEqualTo(alone.get(i).confidence());
        }
      }
      assertThat(engine.profile().precision()).isEqualTo("int8");
    }
  }

  @Test
  void aCallAllocatesItsMasksAndNothingElse() {
    List<ByteBuffer> images = images(3);
    try (SegmentationEngine engine = start(PrecisionChoice.INT8, 4)) {
      assertThat(Allocation.bytesPerCall(engine, images))
          .isLessThan(images.size() * 2L * HEIGHT * WIDTH + SMALL_CHANGE);
    }
  }

  @Test
  void autoTimesItOnlyWhereItCostsTheModelLittleEnough() {
    assertThat(settings(PrecisionChoice.AUTO, 1, 0.5).allowsInt8(costing(0.5))).isTrue();
    assertThat(settings(PrecisionChoice.AUTO, 1, 0.5).allowsInt8(costing(0.51))).isFalse();
    assertThat(settings(PrecisionChoice.AUTO, 1, 0).allowsInt8(costing(-0.1))).isTrue();
  }

  @Test
  void autoDoesNotTakeWhatIsNoFaster() {
    // By this clock all take as long.
    try (SegmentationEngine engine =
        OneDnnEngine.start(model, settings(PrecisionChoice.AUTO, 1, 100), now::incrementAndGet)) {
      assertThat(engine.profile().precision()).isEqualTo("fp32");
    }
  }

  @Test
  void aModelThatWasNotCalibratedIsRefusedInASentence() throws IOException {
    ModelFile random =
        RandomModels.write(
            directory, NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, 5), 37, 50, 1);
    EngineSettings settings = settings(PrecisionChoice.INT8, 1, 0.5);

    assertThat(settings.allowsInt8(random)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OneDnnEngine.start(random, settings, now::incrementAndGet))
        .withMessageContaining("was not calibrated for int8")
        .withMessageContaining("atrous model calibrate");
  }

  @Test
  void torchRefusesItInASentence() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new TorchScriptBackend(now::incrementAndGet)
                    .start(model, settings(PrecisionChoice.INT8, 1, 0.5)))
        .withMessageContaining("int8 runs on oneDNN alone");
  }

  private ModelFile costing(double loss) {
    Quantization quantization = model.quantization().orElseThrow();
    return model.with(
        new Quantization(
            quantization.activations(),
            quantization.weights(),
            new Accuracy("mse", 1, 1, true, 1, loss, "road", 0)));
  }

  private SegmentationEngine start(PrecisionChoice precision, int maxBatchSize) {
    return OneDnnEngine.start(model, settings(precision, maxBatchSize, 0.5), now::incrementAndGet);
  }

  private EngineSettings settings(PrecisionChoice precision, int maxBatchSize, double int8MaxLoss) {
    return new EngineSettings(
        new ExecutionTarget.Cpu(),
        precision,
        HEIGHT,
        WIDTH,
        maxBatchSize,
        true,
        2,
        directory,
        false,
        int8MaxLoss);
  }

  private static List<ByteBuffer> images(int count) {
    SplittableRandom random = new SplittableRandom(count);
    List<ByteBuffer> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] pixels = new byte[HEIGHT * WIDTH * 3];
      random.nextBytes(pixels);
      images.add(ByteBuffer.allocateDirect(pixels.length).put(0, pixels));
    }
    return images;
  }
}
