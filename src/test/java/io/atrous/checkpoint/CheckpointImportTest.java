package io.atrous.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.checkpoint.torch.TorchFiles;
import io.atrous.checkpoint.torch.TorchFiles.Instructions;
import io.atrous.model.ModelFileException;
import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.BlockSpec;
import io.atrous.model.NetworkSpec.BlockType;
import io.atrous.model.NetworkSpec.DecoderSpec;
import io.atrous.model.NetworkSpec.StemType;
import io.atrous.model.Safetensors;
import io.atrous.model.Safetensors.Tensor;
import io.atrous.model.StorageType;
import io.atrous.network.CostModel;
import io.atrous.network.HashedWeights;
import io.atrous.network.ParameterSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CheckpointImportTest {

  private static final NetworkSpec SEED =
      NetworkSpec.deepLabV3Plus(List.of(1, 2, 3, 3), 4, 16, 16, 3)
          .withDecoder(new DecoderSpec(3, 16, 2));

  @Test
  void theSeedsOwnTensorsAreTakenAsTheyAre() {
    Map<String, Object> prefixed = new LinkedHashMap<>();
    seed().forEach((name, tensor) -> prefixed.put("module." + name, tensor));
    CheckpointImport plan = plan(Map.of("epoch", 3, "state_dict", prefixed), ImportOptions.DEFAULT);

    assertThat(plan.family().label()).isEqualTo("seed");
    assertThat(plan.network()).isEqualTo(SEED);
    assertThat(plan.imported()).isEqualTo(seed().size());
    assertThat(plan.dropped()).isZero();
    assertThat(plan.fresh()).isZero();
    assertThat(plan.tensors())
        .hasSameSizeAs(seed())
        .allSatisfy((name, values) -> assertThat(values).isEqualTo(numbers(seed(), name)));
  }

  @Test
  void theSeedsDilationsFollowTheOutputStride() {
    assertThat(plan(seed(), options(8, false, null)).network().stages())
        .isEqualTo(NetworkSpec.deepLabV3Plus(List.of(1, 2, 3, 3), 4, 8, 16, 3).stages());
  }

  @Test
  void aClassifierOfImageNetBecomesABackboneUnderAFreshHead() throws IOException {
    Map<String, Tensor> resnet = FamilyFixture.read("torchvision-resnet18").stateDict();
    CheckpointImport plan = plan(resnet, ImportOptions.DEFAULT);

    // 20 convolutions with four tensors of batch norm each; fc and 20 counters are not needed.
    assertThat(plan.imported()).isEqualTo(100);
    assertThat(plan.dropped()).isEqualTo(22);
    // ASPP: 6 convolutions, decoder: 3, each with batch norm; the classifier has a bias.
    assertThat(plan.fresh()).isEqualTo(47);
    assertThat(plan.network().block()).isEqualTo(BlockType.BASIC);
    assertThat(plan.network().classes()).isEqualTo(21);
    assertThat(plan.network().stages().get(3))
        .containsExactly(new BlockSpec(1, 2), new BlockSpec(1, 4));
    Map<String, float[]> tensors = plan.tensors();
    assertThat(tensors.get("resnet_features.layer2.0.downsample.0.weight"))
        .isEqualTo(numbers(resnet, "layer2.0.downsample.0.weight"));
    // The stem, not the ASPP's layer of that name.
    assertThat(tensors.get("resnet_features.conv1.weight"))
        .isEqualTo(numbers(resnet, "conv1.weight"));
    assertThat(tensors.get("conv1.weight")).hasSize(256 * 1280).doesNotContain(0);
    assertThat(tensors.get("bn1.weight")).containsOnly(1);
  }

  @Test
  void freshNumbersDependOnTheSeedAlone() throws IOException {
    Map<String, Tensor> resnet = FamilyFixture.read("torchvision-resnet18").stateDict();
    ImportOptions other = new ImportOptions(null, null, false, null, 2, null);

    float[] first = plan(resnet, ImportOptions.DEFAULT).tensors().get("conv1.weight");

    assertThat(plan(resnet, ImportOptions.DEFAULT).tensors().get("conv1.weight")).isEqualTo(first);
    assertThat(plan(resnet, other).tensors().get("conv1.weight")).isNotEqualTo(first);
  }

  @Test
  void theOldFormatOfTheSeedsBackboneIsRead() throws IOException {
    FamilyFixture fixture = FamilyFixture.read("torchvision-resnet101");
    CheckpointImport plan =
        CheckpointImport.of(
            Checkpoint.of(TorchFiles.inMemory(TorchFiles.legacy(fixture.stateDict()))),
            ImportOptions.DEFAULT);

    assertThat(plan.family().label()).isEqualTo("torchvision-resnet");
    assertThat(plan.network().stages())
        .isEqualTo(NetworkSpec.deepLabV3Plus(List.of(3, 4, 23, 3), 64, 16, 256, 21).stages());
  }

  @Test
  void mmsegmentationsBackboneKeepsItsDeepStem() throws IOException {
    FamilyFixture fixture = FamilyFixture.read("mmsegmentation-r50-v1c");
    CheckpointImport plan = plan(fixture.stateDict(), options(null, false, 19));

    assertThat(plan.family().label()).isEqualTo("mmsegmentation");
    assertThat(plan.network().stem()).isEqualTo(StemType.DEEP);
    assertThat(plan.network().alignCorners()).isFalse();
    assertThat(plan.network().aspp().rates()).containsExactly(1, 12, 24, 36);
    assertThat(plan.network().classes()).isEqualTo(19);
    assertThat(plan.tensors().get("resnet_features.stem.7.running_var"))
        .isEqualTo(numbers(fixture.stateDict(), "backbone.stem.7.running_var"));
  }

  @Test
  void aFreshDecoderTakesAnyNumberOfClasses() throws IOException {
    FamilyFixture fixture = FamilyFixture.read("torchvision-deeplabv3-resnet50");
    CheckpointImport whole = plan(fixture.stateDict(), ImportOptions.DEFAULT);
    CheckpointImport plan = plan(fixture.stateDict(), options(16, true, 19));

    assertThat(plan.network().decoder()).isEqualTo(new DecoderSpec(48, 32, 2));
    assertThat(plan.network().aspp().refinements()).isZero();
    assertThat(plan.network().aspp().rates()).containsExactly(1, 6, 12, 18);
    // The refinement with its batch norm and the classifier with its bias.
    assertThat(plan.imported()).isEqualTo(whole.imported() - 5 - 2);
    assertThat(plan.fresh()).isEqualTo(3 * 5 + 2);
    assertThat(plan.tensors().get("last_conv.6.bias")).hasSize(19);
  }

  @Test
  void missingExtraAndMisshapenTensorsAreNamedWithTheirShapes() {
    Map<String, Tensor> tensors = seed();
    tensors.remove("bn2.bias");
    tensors.put("extra.weight", tensor(2, 3));
    tensors.put("last_conv.3.weight", tensor(16, 8, 3, 3));

    assertRefused(
        tensors,
        "missing: bn2.bias [3]; not part of it: extra.weight [2, 3]; misshapen: last_conv.3.weight"
            + " is [16, 8, 3, 3] instead of [16, 16, 3, 3]");
  }

  @Test
  void aTensorThatTellsTheStructureIsNamedToo() {
    Map<String, Tensor> tensors = seed();
    tensors.remove("last_conv.6.weight");
    assertRefused(tensors, "it lacks last_conv.6.weight");

    tensors = seed();
    tensors.put("aspp1.atrous_convolution.weight", tensor(16, 128));
    assertRefused(
        tensors,
        "aspp1.atrous_convolution.weight is [16, 128], not the four dimensions of a convolution");
  }

  @Test
  void objectsBesideTheWeightsAreListedAndNotRead() {
    Map<String, Object> saved = new LinkedHashMap<>();
    for (String name :
        List.of("argparse Namespace", "pathlib PosixPath", "datetime datetime", "__main__ Net")) {
      String[] words = name.split(" ", -1);
      saved.put(words[1], Instructions.object(words[0], words[1]));
    }
    saved.put("device", new Instructions("ctorch\ndevice\nX\u0004\u0000\u0000\u0000cuda\u0085R"));
    saved.put("dtype", new Instructions("ctorch\nfloat32\n"));
    Map<String, Object> weights = new LinkedHashMap<>(seed());
    weights.put("size", new Instructions("ctorch\nSize\nK\u0001K\u0002\u0086\u0085R"));
    saved.put("state_dict", weights);

    CheckpointImport plan = plan(saved, ImportOptions.DEFAULT);

    assertThat(plan.imported()).isEqualTo(seed().size());
    assertThat(plan.notRead())
        .containsExactly(
            "Namespace", "PosixPath", "datetime", "Net", "device", "dtype", "state_dict.size");
  }

  @Test
  void weightsInAnObjectAreNotRead() {
    Map<String, Object> tensors = new LinkedHashMap<>(seed());
    tensors.put("bn2.bias", new Instructions("ctorch._utils\n_rebuild_qtensor\n(K\u0001tR"));
    assertThatThrownBy(() -> plan(tensors, ImportOptions.DEFAULT))
        .hasMessage(
            "Checkpoint m can't be imported: bn2.bias is a torch._utils._rebuild_qtensor, which is"
                + " not read");

    Instructions net = Instructions.object("__main__", "Net");
    assertThatThrownBy(() -> plan(Map.of("model", net), ImportOptions.DEFAULT))
        .hasMessage(
            "Model file m holds a __main__.Net; only tensors, numbers, text, lists and dictionaries"
                + " are read and no code is run, so load it in Python and save the weights alone:"
                + " torch.save(model.state_dict(), 'weights.pth')");
    assertThatThrownBy(() -> plan(Map.of("model", net, "loss", tensor(1)), ImportOptions.DEFAULT))
        .hasMessageContaining("no family calls its tensors loss")
        .hasMessageEndingWith("; model is a __main__.Net, which is not read");
  }

  @Test
  void numbersThatAreNotFiniteAreNamed() {
    Map<String, Tensor> tensors = seed();
    float[] values = numbers(tensors, "aspp3.bn.running_mean").clone();
    values[2] = Float.NaN;
    tensors.put("aspp3.bn.running_mean", new Tensor(List.of(values.length), values));
    CheckpointImport plan = plan(tensors, ImportOptions.DEFAULT);

    assertThatThrownBy(plan::tensors)
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("aspp3.bn.running_mean contains NaN");
  }

  /** Whoever serves the model folds its batch norms. */
  @Test
  void aVarianceThatNoBatchNormHasIsNamed() {
    Map<String, Tensor> tensors = seed();
    float[] values = numbers(tensors, "aspp3.bn.running_var").clone();
    values[2] = -0.25f;
    tensors.put("aspp3.bn.running_var", new Tensor(List.of(values.length), values));
    CheckpointImport plan = plan(tensors, ImportOptions.DEFAULT);

    assertThatThrownBy(plan::tensors)
        .isInstanceOf(ModelFileException.class)
        .hasMessage(
            "Checkpoint m can't be imported: batch norm aspp3.bn has an unusable variance of -0.25"
                + " in channel 2");
  }

  @Test
  void theCoarsestTypeOfTheWeightsIsTold() throws IOException {
    assertThat(plan(seed(), ImportOptions.DEFAULT).storage()).isEqualTo(StorageType.F32);
    for (StorageType type : StorageType.values()) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Safetensors.write(out, Map.of(), seed(), type);
      Safetensors file = Safetensors.parse("m", ByteBuffer.wrap(out.toByteArray()));
      CheckpointImport plan = CheckpointImport.of(Checkpoint.of(file), ImportOptions.DEFAULT);

      assertThat(plan.storage()).isEqualTo(type);
    }
  }

  @Test
  void classesThatAreNotTheCheckpointsAreRefused() {
    assertThatThrownBy(() -> plan(seed(), options(null, false, 21)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith("it has 3 classes, and 21 are named");
  }

  @Test
  void imagesOfOtherChannelsAreRefused() {
    Map<String, Tensor> tensors = seed();
    tensors.put("resnet_features.conv1.weight", tensor(4, 4, 7, 7));

    assertRefused(tensors, "it takes images of 4 channels; cameras give three");
  }

  @ParameterizedTest
  @CsvSource({
    "layer1.0.conv2.weight, 8x2x3x3, a ResNeXt (layer1.0.conv2.weight is",
    "layer1.0.conv2.weight, 16x16x3x3, a Wide ResNet",
    "layer2.0.downsample.1.weight, 64x32x1x1, ResNet-D",
  })
  void otherResNetsAreRefusedByName(String name, String shape, String kind) throws IOException {
    Map<String, Tensor> tensors = FamilyFixture.read("torchvision-resnet101").stateDict();
    tensors.put(
        name, tensor(Arrays.stream(shape.split("x", -1)).mapToInt(Integer::parseInt).toArray()));
    tensors.remove("layer2.0.downsample.0.weight");

    assertThatThrownBy(() -> plan(tensors, ImportOptions.DEFAULT))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining(kind)
        .hasMessageContaining("; ResNet-18, 34, 50, 101 and 152 can be imported");
  }

  /** What each of them calls the first tensors of an encoder. */
  @ParameterizedTest
  @CsvSource({
    "backbone.block1.rep.0.conv1.weight, aspp.aspp1.atrous_conv.weight, Xception",
    "backbone.low_level_features.1.conv.0.weight, aspp.aspp1.atrous_conv.weight, MobileNet",
    "backbone.layer7.0.conv1.weight, aspp.aspp1.atrous_conv.weight, DRN",
    "backbone.high_level_features.4.conv.0.0.weight, classifier.aspp.convs.0.0.weight, MobileNet",
    "backbone.stage3.0.branches.0.0.conv1.weight, classifier.aspp.convs.0.0.weight, HRNet",
    "encoder._conv_stem.weight, decoder.aspp.0.convs.0.0.weight, EfficientNet",
    "encoder.features.1.conv.0.0.weight, decoder.aspp.0.convs.0.0.weight, MobileNet",
    "encoder.block12.rep.0.conv1.weight, decoder.aspp.0.convs.0.0.weight, Xception",
    "encoder.layer0.conv1.weight, decoder.aspp.0.convs.0.0.weight, SENet",
    "encoder.model.conv_stem.weight, decoder.aspp.0.convs.0.0.weight, timm (MobileNet",
    "backbone.1.block.0.0.weight, classifier.0.convs.0.0.weight, MobileNet",
    "backbone.1.block.0.0.weight, classifier.cbr.0.weight, MobileNet",
    "features.1.0.block.0.0.weight, classifier.1.weight, EfficientNet",
    "features.1.0.layer_scale, classifier.2.weight, ConvNeXt",
  })
  void otherEncodersAreRefusedByName(String encoder, String head, String kind) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(encoder, tensor(8, 8, 1, 1));
    tensors.put(head, tensor(8, 8, 1, 1));

    assertThatThrownBy(() -> plan(tensors, ImportOptions.DEFAULT))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("of kind " + kind);
  }

  @Test
  void anythingElseIsRefusedWithWhatIsKnown() {
    Map<String, Tensor> tensors =
        new LinkedHashMap<>(Map.of("fc1.bias", tensor(3), "fc1.weight", tensor(3, 2)));

    assertThatThrownBy(() -> plan(tensors, ImportOptions.DEFAULT))
        .isInstanceOf(ModelFileException.class)
        .hasMessage(
            "Checkpoint m can't be imported: no family calls its tensors fc1.bias, fc1.weight …;"
                + " known are seed, jfzhang95, vainf, vainf-deeplabv3, smp, smp-deeplabv3,"
                + " torchvision-deeplabv3, mmsegmentation, torchvision-resnet; others can be served as"
                + " TorchScript (docs/models.md)");
  }

  @Test
  void optionsThatMakeNoNetworkAreRefused() {
    assertThatThrownBy(() -> options(4, false, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an output stride is 8 or 16, not 4");
    assertThatThrownBy(() -> new ImportOptions(null, List.of(1, 6, 12), false, null, 1, null))
        .hasMessageContaining("three dilated branches, of rates above 1");
    assertThatThrownBy(() -> options(null, true, 256)).hasMessageContaining("1 to 255 classes");
  }

  private static void assertRefused(Map<String, Tensor> tensors, String why) {
    assertThatThrownBy(() -> plan(tensors, ImportOptions.DEFAULT))
        .isInstanceOf(ModelFileException.class)
        .hasMessage("Checkpoint m can't be imported: " + why);
  }

  private static CheckpointImport plan(Map<String, ?> file, ImportOptions options) {
    return CheckpointImport.of(Checkpoint.of(TorchFiles.inMemory(TorchFiles.zip(file))), options);
  }

  private static ImportOptions options(
      @Nullable Integer outputStride, boolean freshDecoder, @Nullable Integer classes) {
    return new ImportOptions(outputStride, null, freshDecoder, classes, 1, null);
  }

  private static Map<String, Tensor> seed() {
    HashedWeights weights = HashedWeights.of(SEED);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (ParameterSpec parameter : CostModel.parametersOf(SEED)) {
      tensors.put(
          parameter.name(), new Tensor(parameter.shape(), weights.tensor(parameter.name())));
    }
    return tensors;
  }

  private static float[] numbers(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name).values();
  }

  private static Tensor tensor(int... shape) {
    return new Tensor(
        Arrays.stream(shape).boxed().toList(),
        new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)]);
  }
}
