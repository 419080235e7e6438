package io.atrous.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.atrous.checkpoint.torch.TorchFiles;
import io.atrous.inference.torch.CompiledNetwork;
import io.atrous.inference.torch.TorchScriptVariant;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelFileException;
import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.AsppSpec;
import io.atrous.model.Safetensors.Tensor;
import io.atrous.model.StorageType;
import io.atrous.network.HashedWeights;
import io.atrous.network.RandomModels;
import io.atrous.network.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReferenceTest {

  private static final NetworkSpec NETWORK =
      NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, 2);

  /** Features of 1×19, into which the taps of rate 18 just reach. */
  private static final int HEIGHT = 16;

  private static final int WIDTH = 304;
  private static final List<Integer> INPUT = List.of(2, 3, HEIGHT, WIDTH);
  private static final int PIXELS = HEIGHT * WIDTH;

  @TempDir Path directory;

  private Weights weights;
  private final float[] images = HashedWeights.image(INPUT);
  private final float[] logits = new float[2 * 2 * PIXELS];

  @BeforeEach
  void runTheModel() throws IOException {
    ModelFile model = RandomModels.write(directory, NETWORK, HEIGHT, WIDTH, 5);
    weights = Weights.of(model);
    try (CompiledNetwork network =
        CompiledNetwork.compile(weights, TorchScriptVariant.PLAIN, directory)) {
      for (int n = 0; n < 2; n++) {
        float[] image = Arrays.copyOfRange(images, n * 3 * PIXELS, (n + 1) * 3 * PIXELS);
        System.arraycopy(
            network.logits(image, HEIGHT, WIDTH), 0, logits, n * 2 * PIXELS, 2 * PIXELS);
      }
    }
  }

  @Test
  void aModelAgreesWithItself() throws IOException {
    Agreement agreement = reference(INPUT, images, 2, logits).agreement(weights, directory);

    assertThat(agreement.relativeError()).isLessThan(1e-6);
    assertThat(agreement.labelAgreement()).isEqualTo(1);
  }

  /** ‖1.5 b − b‖ / ‖1.5 b‖ = 1/3; one image of two has all labels changed. */
  @Test
  void tellsHowFarAModelIsOff() throws IOException {
    float[] larger = logits.clone();
    for (int i = 0; i < larger.length; i++) {
      larger[i] *= 1.5f;
    }
    assertThat(reference(INPUT, images, 2, larger).agreement(weights, directory).relativeError())
        .isCloseTo(1 / 3.0, within(1e-5));

    float[] swapped = logits.clone();
    System.arraycopy(logits, 0, swapped, PIXELS, PIXELS);
    System.arraycopy(logits, PIXELS, swapped, 0, PIXELS);
    assertThat(reference(INPUT, images, 2, swapped).agreement(weights, directory).labelAgreement())
        .isEqualTo(0.5);
  }

  /** A network with one logit became one with two, of which the first is 0. */
  @Test
  void oneLogitMeansTwoClasses() throws IOException {
    float[] second = new float[2 * PIXELS];
    System.arraycopy(logits, PIXELS, second, 0, PIXELS);
    System.arraycopy(logits, 3 * PIXELS, second, PIXELS, PIXELS);
    double firstNorm = 0;
    double secondNorm = 0;
    for (int i = 0; i < PIXELS; i++) {
      firstNorm += Math.pow(logits[i], 2) + Math.pow(logits[2 * PIXELS + i], 2);
      secondNorm += Math.pow(second[i], 2) + Math.pow(second[PIXELS + i], 2);
    }

    assertThat(reference(INPUT, images, 1, second).agreement(weights, directory).relativeError())
        .isCloseTo(Math.sqrt(firstNorm / secondNorm), within(1e-4));
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    assertRefused(
        () -> reference(List.of(1, 3, 32, 24), images, 4, logits),
        "it has input [1, 3, 32, 24] and logits [1, 4, 32, 24], not [N, 3, H, W] and [N, 2, H, W]");
    assertRefused(
        () -> reference(List.of(1, 6, 16, 24), images, 2, logits), "it has input [1, 6, 16, 24]");
    assertRefused(
        () -> open(Map.of("input", new Tensor(INPUT, images))), "it has no tensor logits");
  }

  /** A network of other rates gives the same logits there. */
  @Test
  void imagesInWhichARateGoesUnseenAreRefused() {
    assertRefused(
        () -> reference(List.of(2, 3, 16, 288), images, 2, logits),
        "no outer tap of dilation 18 reaches into its features of 1x18, so that a wrong one would agree;"
            + " images of 304x304 would show it");
    assertRefused(
        () -> reference(List.of(2, 3, 96, 96), images, 2, logits),
        "no outer tap of dilations 6, 12, 18 reaches into its features of 6x6");
  }

  @Test
  void imagesOfTheSizeThatIsNamedShowAWrongRate() throws IOException {
    Map<String, Tensor> theirs =
        Map.of(
            "input", new Tensor(INPUT, images),
            "logits", new Tensor(List.of(2, 2, HEIGHT, WIDTH), logits));
    NetworkSpec wrong = withLargestRate(NETWORK, 17);
    Weights differing = Weights.of(RandomModels.write(directory, wrong, HEIGHT, WIDTH, 5));

    assertThat(open(theirs, wrong).agreement(differing, directory).relativeError())
        .isGreaterThan(Agreement.limit(StorageType.F32));
  }

  @Test
  void numbersThatTellNothingAreRefused() throws IOException {
    Reference zeros = reference(INPUT, images, 2, new float[logits.length]);
    assertRefused(() -> zeros.agreement(weights, directory), "logits is all zeros");

    float[] broken = logits.clone();
    broken[7] = Float.NaN;
    Reference notANumber = reference(INPUT, images, 2, broken);
    assertRefused(() -> notANumber.agreement(weights, directory), "logits contains NaN");
  }

  private Reference reference(List<Integer> input, float[] images, int classes, float[] logits)
      throws IOException {
    List<Integer> shape = List.of(input.get(0), classes, input.get(2), input.get(3));
    return open(
        Map.of(
            "input", new Tensor(input, Arrays.copyOf(images, product(input))),
            "logits", new Tensor(shape, Arrays.copyOf(logits, product(shape)))));
  }

  private static int product(List<Integer> shape) {
    return shape.stream().reduce(1, Math::multiplyExact);
  }

  private Reference open(Map<String, Tensor> tensors) throws IOException {
    return open(tensors, NETWORK);
  }

  private Reference open(Map<String, Tensor> tensors, NetworkSpec network) throws IOException {
    Path file = directory.resolve("reference.safetensors");
    Files.write(file, TorchFiles.safetensors(tensors));
    return Reference.open(file, network);
  }

  private static NetworkSpec withLargestRate(NetworkSpec network, int rate) {
    AsppSpec aspp = network.aspp();
    return new NetworkSpec(
        network.inputChannels(),
        network.classes(),
        network.stem(),
        network.block(),
        network.baseWidth(),
        network.stages(),
        new AsppSpec(List.of(1, 6, 12, rate), aspp.channels(), aspp.refinements()),
        network.decoder(),
        network.alignCorners());
  }

  private static void assertRefused(ThrowingCallable call, String why) {
    assertThatThrownBy(call)
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Reference ")
        .hasMessageContaining(" can't be used: ")
        .hasMessageContaining(why);
  }
}
