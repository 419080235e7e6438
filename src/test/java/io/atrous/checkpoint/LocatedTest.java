package io.atrous.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.checkpoint.torch.TorchFiles;
import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors.Tensor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What wraps a network, and what lies beside it. */
final class LocatedTest {

  private static final Tensor BUFFER = new Tensor(List.of(1, 3, 1, 1), new float[3]);
  private static final Tensor SCALAR = new Tensor(List.of(), new float[1]);

  @ParameterizedTest
  @CsvSource({
    "smp-resnet18, smp",
    "smp-deeplabv3-resnet34, smp-deeplabv3",
    "torchvision-deeplabv3-resnet50, torchvision-deeplabv3",
    "vainf-resnet50, vainf",
    "vainf-deeplabv3-resnet50, vainf-deeplabv3",
    "jfzhang95-resnet101, jfzhang95",
    "mmsegmentation-r50-v1c, mmsegmentation",
    "torchvision-resnet18, torchvision-resnet",
  })
  void everyFamilyIsFoundBehindWrappersAndBesideOtherTensors(String fixture, String family)
      throws IOException {
    CheckpointImport bare = plan(weights(fixture, ""));
    Map<String, Object> saved = new LinkedHashMap<>(weights(fixture, "_orig_mod.model.module."));
    saved.put("std", BUFFER);
    saved.put("mean", BUFFER);
    saved.put("loss.weight", SCALAR);
    saved.put("n_averaged", SCALAR);
    CheckpointImport plan = plan(Map.of("epoch", 3, "state_dict", saved));

    assertThat(plan.family().label()).isEqualTo(family);
    assertThat(plan.network()).isEqualTo(bare.network());
    assertThat(plan.imported()).isEqualTo(bare.imported());
    assertThat(plan.dropped()).isEqualTo(bare.dropped());
    assertThat(plan.tensors().keySet()).isEqualTo(bare.tensors().keySet());
    assertThat(plan.notRead())
        .containsExactlyInAnyOrder(
            "epoch",
            "state_dict.std",
            "state_dict.mean",
            "state_dict.loss.weight",
            "state_dict.n_averaged");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.",
        "module.",
        "net.",
        "_orig_mod.",
        "model.module.",
        "state_dict.model.",
        "model_ema.",
        "ema_model.module.",
        "averaged_model.module.",
        "student.segmentor.net.",
        "module.module.",
      })
  void aPrefixMayBeAnything(String prefix) throws IOException {
    Map<String, Object> saved = new LinkedHashMap<>(weights("smp-resnet18", prefix));
    saved.put("criterion.weight", SCALAR);

    assertThat(plan(saved).family().label()).isEqualTo("smp");
    assertThat(plan(saved).notRead()).containsExactly("criterion.weight");
  }

  @Test
  void whatTrainingKeepsAmongTheNetworksModulesIsNotRead() throws IOException {
    Map<String, Object> saved = new LinkedHashMap<>(weights("vainf-resnet50", ""));
    CheckpointImport bare = plan(saved);
    for (String name :
        List.of(
            "mean",
            "pixel_std",
            "criterion.pos_weight",
            "dice_loss.weight",
            "loss_fn.weight",
            "train_metrics.confmat",
            "aux_head.0.weight")) {
      saved.put(name, BUFFER);
    }
    for (String module : List.of("", "backbone.", "backbone.layer1.0.", "classifier.aspp.")) {
      saved.put(module + "total_ops", SCALAR);
      saved.put(module + "total_params", SCALAR);
    }
    CheckpointImport plan = plan(saved);

    assertThat(plan.imported()).isEqualTo(bare.imported());
    assertThat(plan.dropped()).isEqualTo(bare.dropped() + 8);
    assertThat(plan.notRead())
        .containsExactlyInAnyOrder(
            "mean",
            "pixel_std",
            "criterion.pos_weight",
            "dice_loss.weight",
            "loss_fn.weight",
            "train_metrics.confmat",
            "aux_head.0.weight");
  }

  @Test
  void aModuleThatCouldBelongToTheNetworkIsNotPassedOver() throws IOException {
    Map<String, Object> saved = new LinkedHashMap<>(weights("vainf-resnet50", ""));
    saved.put("attention.weight", BUFFER);

    assertThatThrownBy(() -> plan(saved))
        .isInstanceOf(ModelFileException.class)
        .hasMessage(
            "Checkpoint m can't be imported: not part of it: attention.weight [1, 3, 1, 1]");
  }

  @Test
  void theResNetOfALossIsNoSecondNetwork() throws IOException {
    Map<String, Object> saved = new LinkedHashMap<>(weights("smp-resnet18", "model."));
    saved.putAll(weights("torchvision-resnet18", "perceptual.net."));

    assertThat(plan(saved).family().label()).isEqualTo("smp");
    assertThat(plan(saved).notRead()).contains("perceptual.net.conv1.weight");
  }

  @Test
  void oneOfSeveralNetworksIsToBeChosen() throws IOException {
    Map<String, Object> saved = new LinkedHashMap<>();
    saved.put("state_dict", weights("smp-resnet18", "model."));
    saved.put("state_dict_ema", weights("smp-resnet18", "module."));

    assertThatThrownBy(() -> plan(saved))
        .isInstanceOf(ModelFileException.class)
        .hasMessage(
            "Checkpoint m can't be imported: it holds 2 networks; choose one:"
                + " --prefix=state_dict.model. or --prefix=state_dict_ema.module.");

    for (String prefix : List.of("state_dict_ema.module", "state_dict_ema.module.")) {
      CheckpointImport plan = plan(saved, prefix);
      assertThat(plan.family().label()).isEqualTo("smp");
      assertThat(plan.notRead()).containsExactly("state_dict");
    }
  }

  @Test
  void anAverageBesideTheRawWeightsIsASecondNetwork() throws IOException {
    Map<String, Object> saved = new LinkedHashMap<>(weights("smp-resnet18", ""));
    saved.putAll(weights("smp-resnet18", "averaged_model.module."));
    saved.put("averaged_model.n_averaged", SCALAR);

    assertThatThrownBy(() -> plan(saved))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith("choose one: --prefix= or --prefix=averaged_model.module.");
    assertThat(plan(saved, "averaged_model.module.").imported()).isPositive();
  }

  @Test
  void aPrefixThatLeadsToNoNetworkIsRefused() throws IOException {
    Map<String, Object> saved = weights("smp-resnet18", "model.");

    assertThatThrownBy(() -> plan(saved, "teacher"))
        .isInstanceOf(ModelFileException.class)
        .hasMessage(
            "Checkpoint m can't be imported: none of its tensors' names begins with teacher.");
    assertThatThrownBy(() -> plan(saved, "model.decoder"))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("no family calls its tensors");
  }

  /** A U-Net's encoder: its decoder would be lost without a word. */
  @Test
  void theResNetOfAnotherNetworkIsTakenOnlyWhenNamed() throws IOException {
    Map<String, Object> saved =
        new LinkedHashMap<>(weights("torchvision-resnet18", "model.encoder."));
    saved.put("model.decoder.blocks.0.conv1.0.weight", BUFFER);

    assertThatThrownBy(() -> plan(saved))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining(
            "no family calls its tensors model.decoder.blocks.0.conv1.0.weight,"
                + " model.encoder.bn1.bias")
        .hasMessageContaining("; --prefix=model.encoder. takes the ResNet there as a backbone;");
    assertThat(plan(saved, "model.encoder").family().label()).isEqualTo("torchvision-resnet");
  }

  /** Lightning's {@code model.} is not timm's. */
  @Test
  void anUnknownNetworkOfALightningModuleIsNotCalledTimm() {
    assertThatThrownBy(
            () -> plan(Map.of("model.head.weight", BUFFER, "std", BUFFER, "mean", BUFFER)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("no family calls its tensors mean, model.head.weight, std")
        .hasMessageNotContaining("timm");
  }

  private static Map<String, Object> weights(String fixture, String prefix) throws IOException {
    Map<String, Object> prefixed = new LinkedHashMap<>();
    FamilyFixture.read(fixture)
        .stateDict()
        .forEach((name, tensor) -> prefixed.put(prefix + name, tensor));
    return prefixed;
  }

  private static CheckpointImport plan(Map<String, ?> saved) {
    return CheckpointImport.of(open(saved), ImportOptions.DEFAULT);
  }

  private static CheckpointImport plan(Map<String, ?> saved, String prefix) {
    return CheckpointImport.of(open(saved), new ImportOptions(null, null, false, null, 1, prefix));
  }

  private static Checkpoint open(Map<String, ?> saved) {
    return Checkpoint.of(TorchFiles.inMemory(TorchFiles.zip(saved)));
  }
}
