package io.atrous.checkpoint.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.checkpoint.Checkpoint;
import io.atrous.fuzz.Allocated;
import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TorchLegacyTest {

  private static final Tensor NUMBERS = new Tensor(List.of(4), new float[] {1, 2, 3, 4});

  /** PyTorch 0.2 and 0.3 called the parameter with its tensor. */
  @Test
  void parametersOfLaterVersionsAreRead() {
    PickleWriter pickle = new PickleWriter(true);
    pickle.storages().add(NUMBERS);
    pickle.global("collections", "OrderedDict").latin("](](").text("fc.weight");
    pickle.global("torch.nn.parameter", "Parameter").global("torch._utils", "_rebuild_tensor");
    pickle.latin("(").storage("FloatStorage", "0", 4).integer(0);
    pickle.tuple(List.of(2, 2)).tuple(List.of(1, 2)).latin("tR\u0085R");
    pickle.latin("(\u0088\u0089").value(Map.of()).latin("tbee\u0085R");

    Checkpoint checkpoint = open(TorchFiles.legacy(pickle));

    assertThat(checkpoint.format()).isEqualTo("PyTorch before 1.6");
    assertThat(checkpoint.shape("fc.weight")).containsExactly(2, 2);
    assertThat(checkpoint.values("fc.weight")).containsExactly(1, 3, 2, 4);
  }

  /** What refers to a tensor before it is filled refers to it afterwards too. */
  @Test
  void aTensorIsKnownBeforeItIsFilled() {
    PickleWriter pickle = new PickleWriter(true);
    pickle.storages().add(NUMBERS);
    pickle.latin("}(").text("a").global("torch", "FloatTensor").latin(")Rq\u0000(");
    pickle.storage("FloatStorage", "0", 4).integer(1);
    pickle.tuple(List.of(2)).tuple(List.of(2)).latin("tb").text("b").latin("h\u0000u");

    Checkpoint checkpoint = open(TorchFiles.legacy(pickle));

    assertThat(checkpoint.names()).containsExactly("a", "b");
    assertThat(checkpoint.values("b")).containsExactly(2, 4);
  }

  @Test
  void aStorageMayBeAPartOfAnother() {
    assertThat(open(view(1)).values("w")).containsExactly(2, 3);
    assertThat(open(view(2)).values("w")).containsExactly(3, 4);
    assertRefused(view(3), "tensor w of shape [2] doesn't fit its storage");
    assertRefused(view(5), "uses a storage with arguments that are not known here");
    assertRefused(view(-1), "uses a storage with arguments that are not known here");
  }

  @Test
  void aTruncatedFileIsRefused() {
    byte[] file = TorchFiles.legacy(Map.of("w", NUMBERS));
    for (int bytes = 1; bytes < file.length; bytes++) {
      assertRefused(Arrays.copyOf(file, bytes), "it ends within what it describes");
    }
  }

  @ParameterizedTest
  @CsvSource({"5", "-1", "9223372036854775807"})
  void aStorageHasTheSizeThatItsTensorsSay(long elements) {
    PickleWriter pickle = new PickleWriter(true);
    pickle.storages().add(NUMBERS);
    pickle.latin("}").text("w").storage("FloatStorage", "0", elements).latin("s");

    assertRefused(TorchFiles.legacy(pickle), elements == 5 ? "has 4 numbers where 5" : "a storage");
  }

  @Test
  void terabytesAreNotTakenAtTheirWord() {
    byte[] file = TorchFiles.legacy(Map.of("w", NUMBERS));
    String claim =
        new String(file, StandardCharsets.ISO_8859_1)
            .replace(
                "\u008a\u0008\u0004\u0000\u0000\u0000\u0000\u0000",
                "\u008a\u0008\u0004\u0000\u0000\u0000\u0000\u0010")
            .replace(
                ".\u0004\u0000\u0000\u0000\u0000\u0000", ".\u0004\u0000\u0000\u0000\u0000\u0010");
    long before = Allocated.bytes();

    assertRefused(claim.getBytes(StandardCharsets.ISO_8859_1), "it ends within what it describes");

    assertThat(Allocated.bytes() - before).isLessThan(1 << 20);
  }

  @Test
  void picklesOfOthersAreTold() {
    assertRefused(
        new PickleWriter().value(Map.of("w", List.of(1.5))).end(),
        "is a Python pickle, but not one that torch.save wrote");
  }

  private static byte[] view(int first) {
    PickleWriter pickle = new PickleWriter(true);
    pickle.storages().add(NUMBERS);
    pickle.latin("}").text("w").global("torch._utils", "_rebuild_tensor").latin("((");
    pickle.text("storage").global("torch", "FloatStorage").text("0").text("cpu").integer(4);
    pickle.latin("(").text("1").integer(first).integer(2).latin("ttQ").integer(0);
    return TorchFiles.legacy(pickle.tuple(List.of(2)).tuple(List.of(1)).latin("tRs"));
  }

  private static void assertRefused(byte[] file, String complaint) {
    assertThatThrownBy(() -> readAll(open(file)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Model file m ")
        .hasMessageContaining(complaint);
  }

  private static Checkpoint open(byte[] file) {
    return Checkpoint.of(TorchFiles.inMemory(file));
  }

  private static void readAll(Checkpoint checkpoint) {
    checkpoint.names().forEach(checkpoint::values);
  }
}
