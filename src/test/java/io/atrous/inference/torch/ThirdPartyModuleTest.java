package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atrous.inference.DeviceMemoryException;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.model.ModelFileException;
import io.atrous.model.TorchScriptFile;
import io.atrous.network.Precision;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The programs' logits are the pixels themselves, so the masks say which channel is brightest. */
class ThirdPartyModuleTest {

  private static final int HEIGHT = 8;
  private static final int WIDTH = 6;

  @TempDir private Path directory;
  private final byte[] pixels = new byte[2 * HEIGHT * WIDTH * 3];

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NCHW | RGB | Tensor | x",
        "NCHW | BGR | Tensor | torch.flip(x, [1])",
        "NHWC | RGB | Tensor | torch.permute(x, [0, 3, 1, 2])",
        "NHWC | BGR | Tensor | torch.flip(torch.permute(x, [0, 3, 1, 2]), [1])",
        "NCHW | RGB | Dict(str, Tensor) | {\"aux\": torch.neg(x), \"out\": x}",
        "NCHW | RGB | Tuple[Tensor, Tensor] | (x, torch.neg(x))",
      })
  void givesAProgramItsImagesAndReadsItsLogitsAsSpecified(
      String layout, String channels, String type, String logits) throws IOException {
    TorchScriptFile file =
        program(layout, channels, 3, type.replace('(', '[').replace(')', ']'), logits);

    byte[] labels = labels(file);

    for (int i = 0; i < labels.length; i++) {
      int winner = labels[i];
      for (int c = 0; c < 3; c++) {
        assertThat(pixels[3 * i + winner] & 0xFF).isGreaterThanOrEqualTo(pixels[3 * i + c] & 0xFF);
      }
    }
  }

  @Test
  void bringsCoarseLogitsToTheInputsSize() throws IOException {
    TorchScriptFile file =
        program(
            "NCHW",
            "RGB",
            3,
            "Tensor",
            "torch.avg_pool2d(x, [8, 6], [8, 6], [0, 0], False, True, None)");

    byte[] labels = labels(file);

    for (int image = 0; image < 2; image++) {
      for (int i = 0; i < HEIGHT * WIDTH; i++) {
        assertThat(labels[image * HEIGHT * WIDTH + i]).isEqualTo(labels[image * HEIGHT * WIDTH]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | Tensor | x | its result for (2, 3, 8, 6) is (2, 3, 8, 6), not the [2, 2, h, w]",
        "3 | Tensor | torch.flatten(x, 1) | is (2, 144), not the [2, 3, h, w] of 3 classes",
        "3 | Tensor | torch.reshape(x, [7, 7]) | it fails on float32 images (2, 3, 8, 6): ",
        "3 | Dict(str, Tensor) | {\"logits\": x} | its result has no 'out' but [logits]",
        "3 | int | 7 | its result is of type int, not a tensor",
      })
  void saysWhatAProgramDoesOtherThanSpecified(
      int classes, String type, String result, String complaint) throws IOException {
    TorchScriptFile file =
        program("NCHW", "RGB", classes, type.replace('(', '[').replace(')', ']'), result);

    assertThatThrownBy(() -> labels(file))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("TorchScript file " + file.origin() + ": ")
        .hasMessageContaining(complaint)
        .hasMessageNotContaining("\n");
  }

  /** It asks for more memory than any machine has. */
  @Test
  void isNotBlamedForAShortageOfMemory() throws IOException {
    TorchScriptFile file =
        program(
            "NCHW", "RGB", 3, "Tensor", "torch.add(x, torch.sum(torch.zeros([70368744177664])))");
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cpu(), PrecisionChoice.AUTO, HEIGHT, WIDTH, 2, false, 1, directory);

    assertThatThrownBy(() -> TorchScriptEngine.start(file, settings, System::nanoTime))
        .isInstanceOf(DeviceMemoryException.class);
  }

  /** A file of a newer torch calls what this libtorch doesn't have. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "torch.sigmoid_of_tomorrow(x) | Unknown builtin op: aten::sigmoid_of_tomorrow.",
        "ops.prepacked.tomorrow(x) | Unknown builtin op: prepacked::tomorrow.",
        "torch.relu(x, 7) | Arguments for call are not valid.",
        "tomorrow(x) | undefined value tomorrow:",
      })
  void namesWhatAProgramNeedsThatIsNotThere(String call, String complaint) throws IOException {
    TorchScriptFile file = program("NCHW", "RGB", 3, "Tensor", call);

    assertThatThrownBy(() -> labels(file))
        .isInstanceOf(ModelFileException.class)
        .hasMessage(
            "TorchScript file " + file.origin() + ": libtorch does not load it: " + complaint);
  }

  @Test
  void refusesAZipThatIsNoProgram() throws IOException {
    TorchScriptFile file = program("NCHW", "RGB", 3, "Tensor", "x");
    Files.write(file.file(), new byte[] {'P', 'K', 3, 4, 0, 0});

    assertThatThrownBy(() -> labels(file))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("libtorch does not load it")
        .hasMessageNotContaining("\n");
  }

  private byte[] labels(TorchScriptFile file) throws IOException {
    new Random(1).nextBytes(pixels);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        ThirdPartyModule module =
            ThirdPartyModule.load(file, new TorchScriptCompiler(directory), Device.cpu())) {
      Shape shape = new Shape(2, HEIGHT, WIDTH);
      NDArray images =
          manager.create(ByteBuffer.wrap(pixels), shape.addAll(new Shape(3)), DataType.UINT8);
      NDArray labels = manager.create(shape, DataType.UINT8);
      module.segment(images, labels, null);
      return labels.toByteArray();
    }
  }

  private TorchScriptFile program(
      String layout, String channels, int classes, String type, String result) throws IOException {
    String code =
        """
        class Network(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
          _is_full_backward_hook : Optional[bool]
          def forward(self: __torch__.Network, x: Tensor) -> %s:
            return %s
        """
            .formatted(type, result);
    Path file = directory.resolve("program.pt");
    try (OutputStream out = Files.newOutputStream(file)) {
      TorchScriptArchive.write(
          new TorchScriptProgram(code, List.of(), List.of()),
          unit -> {
            throw new AssertionError(unit);
          },
          Precision.FP32,
          Map.of(),
          out);
    }
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < classes; i++) {
      names
          .append(i == 0 ? "" : ", ")
          .append("{\"name\": \"c%d\", \"rgb\": \"#00000%d\"}".formatted(i, i));
    }
    Files.writeString(
        TorchScriptFile.specificationOf(file),
        """
        {"formatVersion": 1,
         "model": {"name": "m", "version": "1", "classes": [%s],
                   "inputHeight": %d, "inputWidth": %d,
                   "normalization": {"mean": [0.5, 0.5, 0.5], "deviation": [0.25, 0.25, 0.25]},
                   "resizePolicy": "FIT"},
         "program": {"layout": "%s", "channels": "%s", "alignCorners": false}}
        """
            .formatted(names, HEIGHT, WIDTH, layout, channels));
    return TorchScriptFile.open(file);
  }
}
