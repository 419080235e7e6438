package io.atrous.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.inference.onednn.OneDnnBackend;
import io.atrous.inference.torch.TorchScriptBackend;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelFileException;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Safetensors.Tensor;
import io.atrous.model.StorageType;
import io.atrous.network.RandomModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every engine promises, whatever runs beneath it. */
@ParameterizedClass
@MethodSource("backends")
class EngineContractTest {

  private static final int HEIGHT = 37;
  private static final int WIDTH = 50;
  private static final NetworkSpec NETWORK =
      NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, 5);
  private static final AtomicLong NOW = new AtomicLong();

  private final EngineBackend backend;
  @TempDir private Path directory;
  private ModelFile model;
  private final Random random = new Random(7);

  EngineContractTest(EngineBackend backend) {
    this.backend = backend;
  }

  static List<EngineBackend> backends() {
    return List.of(
        new TorchScriptBackend(NOW::incrementAndGet), new OneDnnBackend(NOW::incrementAndGet));
  }

  @BeforeEach
  void writeModel() throws IOException {
    model = RandomModels.write(directory, NETWORK, HEIGHT, WIDTH, 1);
    Assumptions.assumeTrue(
        backend.mayRun(model, new ExecutionTarget.Cpu()), "is not for this system");
  }

  @Test
  void answersABatchOfEverySizeAsItAnswersItsImagesOneByOne() {
    List<ByteBuffer> images = images(7);
    try (SegmentationEngine engine = start(settings(7, true))) {
      List<EngineMask> alone = new ArrayList<>();
      images.forEach(image -> alone.addAll(engine.segment(List.of(image))));
      for (int size = 1; size <= 7; size++) {
        List<EngineMask> together = engine.segment(images.subList(0, size));

        assertThat(together).hasSize(size);
        for (int i = 0; i < size; i++) {
          assertThat(together.get(i).labels()).isEqualTo(alone.get(i).labels());
          assertThat(together.get(i).confidence()).isEqualTo(alone.get(i).confidence());
        }
      }
      assertThat(alone.get(0).labels()).isNotEqualTo(alone.get(1).labels());
    }
  }

  @Test
  void handsOutMasksThatTheNextBatchDoesNotTouch() {
    try (SegmentationEngine engine = start(settings(1, true))) {
      EngineMask first = engine.segment(images(1)).get(0);
      byte[] copy = first.labels().clone();

      engine.segment(images(1));

      assertThat(first.labels()).isEqualTo(copy);
    }
  }

  @Test
  void readsImagesAndDoesNotChangeThem() {
    ByteBuffer image = images(1).get(0);
    byte[] before = new byte[image.capacity()];
    image.get(0, before);
    try (SegmentationEngine engine = start(settings(1, true))) {
      engine.segment(List.of(image.asReadOnlyBuffer().position(5)));

      byte[] after = new byte[before.length];
      image.get(0, after);
      assertThat(after).isEqualTo(before);
    }
  }

  @Test
  void tellsNoConfidenceUnlessItIsWantedAndLabelsTheSame() {
    List<ByteBuffer> images = images(2);
    try (SegmentationEngine with = start(settings(2, true));
        SegmentationEngine without = start(settings(2, false))) {
      List<EngineMask> confident = with.segment(images);
      List<EngineMask> bare = without.segment(images);

      for (int i = 0; i < 2; i++) {
        assertThat(confident.get(i).confidence()).hasSize(HEIGHT * WIDTH);
        assertThat(bare.get(i).confidence()).isNull();
        assertThat(bare.get(i).labels()).isEqualTo(confident.get(i).labels());
      }
    }
  }

  /** Random weights leave pixels between two classes, and other sums round otherwise. */
  @Test
  void labelsAsEveryOtherBackendDoes() {
    List<ByteBuffer> images = images(3);
    try (SegmentationEngine engine = start(settings(3, true));
        SegmentationEngine plain = backends().get(0).start(model, settings(3, true))) {
      List<EngineMask> actual = engine.segment(images);
      List<EngineMask> expected = plain.segment(images);
      int labels = 0;
      int confidences = 0;
      for (int i = 0; i < 3; i++) {
        byte[] ours = Objects.requireNonNull(actual.get(i).confidence());
        byte[] theirs = Objects.requireNonNull(expected.get(i).confidence());
        for (int p = 0; p < HEIGHT * WIDTH; p++) {
          labels += actual.get(i).labels()[p] == expected.get(i).labels()[p] ? 0 : 1;
          confidences += Math.abs((ours[p] & 0xff) - (theirs[p] & 0xff)) <= 1 ? 0 : 1;
        }
      }
      assertThat(labels).isLessThanOrEqualTo(3);
      assertThat(confidences).isZero();
    }
  }

  @Test
  void tellsTheProbabilitiesOfImagesOfAnySize() {
    ByteBuffer image = images(1).get(0);
    try (SegmentationEngine engine = start(settings(1, true))) {
      ProbabilisticEngine probabilistic = (ProbabilisticEngine) engine;
      byte[] labels = engine.segment(List.of(image)).get(0).labels();

      float[] probabilities = probabilistic.probabilities(image, HEIGHT, WIDTH);

      int classes = NETWORK.classes();
      assertThat(probabilities).hasSize(HEIGHT * WIDTH * classes);
      for (int p = 0; p < HEIGHT * WIDTH; p++) {
        float sum = 0;
        for (int c = 0; c < classes; c++) {
          sum += probabilities[p * classes + c];
          assertThat(probabilities[p * classes + c])
              .isLessThanOrEqualTo(probabilities[p * classes + labels[p]]);
        }
        assertThat(sum).isBetween(0.999f, 1.001f);
      }
      assertThat(probabilistic.probabilities(ByteBuffer.allocateDirect(20 * 71 * 3), 20, 71))
          .hasSize(20 * 71 * classes);
      assertThat(engine.segment(List.of(image)).get(0).labels()).isEqualTo(labels);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> probabilistic.probabilities(image, HEIGHT, WIDTH + 1))
          .withMessageContaining(" bytes");
    }
  }

  @Test
  void saysWhatItIs() {
    try (SegmentationEngine engine = start(settings(3, false))) {
      assertThat(engine.profile()).isEqualTo(new EngineProfile("cpu", "fp32", HEIGHT, WIDTH, 3));
    }
  }

  @Test
  void refusesBatchesThatItCannotTake() {
    try (SegmentationEngine engine = start(settings(2, false))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> engine.segment(List.of()))
          .withMessage("a batch has 1 to 2 images, not 0");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> engine.segment(images(3)))
          .withMessage("a batch has 1 to 2 images, not 3");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> engine.segment(List.of(ByteBuffer.allocateDirect(3))))
          .withMessage("an image has 5550 bytes, not 3");
    }
  }

  @Test
  void runsAtAnotherSizeThanTheModelsOwn() {
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cpu(), PrecisionChoice.FP32, 64, 33, 1, true, 1, directory);
    try (SegmentationEngine engine = start(settings)) {
      ByteBuffer image = ByteBuffer.allocateDirect(64 * 33 * 3);

      assertThat(engine.segment(List.of(image)).get(0).labels()).hasSize(64 * 33);
    }
  }

  @Test
  void aDamagedModelFailsTheStartWithItsOwnSentence() throws IOException {
    Map<String, Tensor> tensors = RandomModels.tensors(NETWORK, 1);
    float[] values = new float[48];
    values[47] = Float.NaN;
    tensors.put("bn2.bias", new Tensor(List.of(48), values));
    Path damaged = directory.resolve("damaged.safetensors");
    ModelFile.write(damaged, model.spec(), model.network(), tensors, StorageType.F32);
    ModelFile file = ModelFile.open(damaged);

    assertThatThrownBy(() -> backend.start(file, settings(1, false)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("damaged.safetensors")
        .hasMessageContaining("bn2.bias");
  }

  @Test
  void refusesACudaDeviceThatIsNotHere() {
    EngineSettings there =
        new EngineSettings(
            new ExecutionTarget.Cuda(99),
            PrecisionChoice.FP32,
            HEIGHT,
            WIDTH,
            1,
            false,
            1,
            directory);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> start(there))
        .withMessageContaining("cuda:99");
  }

  private SegmentationEngine start(EngineSettings settings) {
    return backend.start(model, settings);
  }

  private EngineSettings settings(int maxBatchSize, boolean confidence) {
    return new EngineSettings(
        new ExecutionTarget.Cpu(),
        PrecisionChoice.FP32,
        HEIGHT,
        WIDTH,
        maxBatchSize,
        confidence,
        1,
        directory);
  }

  private List<ByteBuffer> images(int count) {
    List<ByteBuffer> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] pixels = new byte[HEIGHT * WIDTH * 3];
      random.nextBytes(pixels);
      images.add(ByteBuffer.allocateDirect(pixels.length).put(0, pixels));
    }
    return images;
  }
}
