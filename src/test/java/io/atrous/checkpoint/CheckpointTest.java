package io.atrous.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.atrous.checkpoint.torch.TorchFiles;
import io.atrous.model.ElementType;
import io.atrous.model.Model;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors;
import io.atrous.model.Safetensors.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CheckpointTest {

  @TempDir Path directory;

  @Test
  void safetensorsOfOtherProjectsMayHoldTypesThatOursDoNot() {
    ByteBuffer numbers = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    numbers.putDouble(0.1).putDouble(-2).putLong(7);
    Checkpoint checkpoint =
        Checkpoint.of(
            safetensors(
                "{'w':{'dtype':'F64','shape':[1,2],'data_offsets':[0,16]},"
                    + "'bn.num_batches_tracked':{'dtype':'I64','shape':[],'data_offsets':[16,24]}}",
                numbers));

    assertThat(checkpoint.format()).isEqualTo("safetensors");
    assertThat(checkpoint.names()).containsExactly("bn.num_batches_tracked", "w");
    assertThat(checkpoint.shape("w")).containsExactly(1, 2);
    assertThat(checkpoint.values("w")).containsExactly(0.1f, -2);
    assertThat(checkpoint.type("bn.num_batches_tracked")).isEqualTo(ElementType.I64);
    assertThatThrownBy(() -> checkpoint.values("bn.num_batches_tracked"))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("bn.num_batches_tracked holds I64, not floating-point numbers");
  }

  @Test
  void aFileWithoutTensorsIsRefused() {
    assertThatThrownBy(() -> Checkpoint.of(safetensors("{}", ByteBuffer.allocate(0))))
        .isInstanceOf(ModelFileException.class)
        .hasMessage("Model file m holds no tensors");
  }

  @Test
  void theFormatIsToldByTheFirstBytes() throws IOException {
    Map<String, Tensor> tensors = Map.of("w", new Tensor(List.of(2), new float[] {1, 2}));
    Map<String, byte[]> files =
        Map.of(
            "safetensors", TorchFiles.safetensors(tensors),
            "PyTorch zip", TorchFiles.zip(tensors),
            "PyTorch before 1.6", TorchFiles.legacy(tensors));
    for (String format : files.keySet()) {
      Path path = directory.resolve("weights");
      Files.write(path, files.get(format));

      try (Checkpoint checkpoint = Checkpoint.open(path)) {
        assertThat(checkpoint.format()).isEqualTo(format);
        assertThat(checkpoint.origin()).isEqualTo(path.toString());
        assertThat(checkpoint.values("w")).containsExactly(1, 2);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, '', is empty",
    "0, GIF89a, is neither a safetensors file nor one that torch.save wrote",
    "257, ustar, 'is a tar archive, the first format of PyTorch'",
    "0, 'version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 1\n', is a Git LFS pointer",
    "0, '<!DOCTYPE html><html>', is a web page",
    "0, '\n <HTML>', is a web page",
    "0, '<?xml version=\"1.0\"?><Error>', is a web page",
    "0, '\b\u0008\u0012\u0007pytorch', is an ONNX file",
    "0, '\b\u0001\u0012\u0007', is a TensorFlow model",
    "4, TFL3, is a TensorFlow Lite file",
    "0, '\u001f', is neither a safetensors file nor one that torch.save wrote",
  })
  void otherFilesAreTold(int at, String content, String complaint) throws IOException {
    Path path = directory.resolve("other");
    Files.writeString(path, "\0".repeat(at) + content);

    assertThatThrownBy(() -> Checkpoint.open(path))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Model file " + path + " " + complaint);
  }

  /** Opening a pipe waits for its writer. */
  @Test
  void aPipeOrADeviceIsRefusedAtOnce() throws Exception {
    Path pipe = directory.resolve("pipe.pth");
    assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);

    for (Path path : List.of(pipe, Path.of("/dev/null"))) {
      for (ThrowingCallable open :
          List.<ThrowingCallable>of(
              () -> Checkpoint.open(path), () -> Model.open(path), () -> ModelFile.open(path))) {
        assertThatThrownBy(open)
            .isInstanceOf(ModelFileException.class)
            .hasMessage("Model file " + path + " is a pipe or a device, not a regular file");
      }
    }
  }

  @Test
  void aFileThatCannotBeReadIsNamed() {
    assertThatThrownBy(() -> Checkpoint.open(directory.resolve("nowhere.pth")))
        .isInstanceOf(ModelFileException.class)
        .hasMessage("There is no model file " + directory.resolve("nowhere.pth"));
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(ModelFileException.class)
        .hasMessage(
            "Directory "
                + directory
                + " has no model.safetensors, model.safetensors.index.json or pytorch_model.bin, as"
                + " save_pretrained writes them; name the checkpoint in it");
  }

  private static Safetensors safetensors(String header, ByteBuffer numbers) {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(Long.BYTES + json.length + numbers.capacity())
            .order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json).put(numbers.rewind());
    return Safetensors.parse("m", file.rewind());
  }
}
