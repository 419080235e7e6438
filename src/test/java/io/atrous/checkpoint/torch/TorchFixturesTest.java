package io.atrous.checkpoint.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.checkpoint.Checkpoint;
import io.atrous.model.ElementType;
import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that PyTorch itself wrote: src/test/python/checkpoint_fixtures.py. */
final class TorchFixturesTest {

  private static final Safetensors EXPECTED = Safetensors.open(file("expected.safetensors"));

  @ParameterizedTest
  @CsvSource({
    "tensors.pth, '', tensors, PyTorch zip",
    "tensors-protocol4.pth, '', tensors, PyTorch zip",
    "tensors-old.pth, '', tensors, PyTorch before 1.6",
    "training.pth, state_dict.module., training, PyTorch zip",
    "training-old.pth, state_dict.module., training, PyTorch before 1.6",
    "training-old-protocol5.pth, state_dict.module., training, PyTorch before 1.6",
  })
  void everyTensorIsReadAsPyTorchHasIt(String file, String prefix, String expected, String format) {
    try (Checkpoint checkpoint = Checkpoint.open(file(file))) {
      List<String> floats =
          checkpoint.names().stream().filter(name -> checkpoint.type(name).isFloat()).toList();

      assertThat(checkpoint.format()).isEqualTo(format);
      assertThat(floats)
          .map(name -> expected + "." + name.substring(prefix.length()))
          .containsExactlyElementsOf(
              EXPECTED.names().stream().filter(name -> name.startsWith(expected + ".")).toList());
      for (String name : floats) {
        String known = expected + "." + name.substring(prefix.length());
        assertThat(checkpoint.shape(name)).isEqualTo(EXPECTED.shape(known));
        assertThat(checkpoint.values(name)).isEqualTo(EXPECTED.values(known));
      }
    }
  }

  /** As torchvision's resnet101-5d3b4d8f.pth: empty tensors that are filled, and parameters. */
  @Test
  void theFirstVersionsFilesAreRead() {
    try (Checkpoint checkpoint = Checkpoint.open(file("tensors-first.pth"))) {
      assertThat(checkpoint.format()).isEqualTo("PyTorch before 1.6");
      assertThat(checkpoint.names())
          .containsExactly(
              "channels_last",
              "empty",
              "parameter",
              "plain",
              "transposed",
              "view.rows",
              "view.steps",
              "view.whole");
      for (String name : checkpoint.names()) {
        assertThat(checkpoint.shape(name)).isEqualTo(EXPECTED.shape("tensors." + name));
        assertThat(checkpoint.values(name)).isEqualTo(EXPECTED.values("tensors." + name));
      }
    }
  }

  @Test
  void typesAreToldApart() {
    try (Checkpoint checkpoint = Checkpoint.open(file("tensors.pth"))) {
      assertThat(checkpoint.type("half")).isEqualTo(ElementType.F16);
      assertThat(checkpoint.type("bfloat")).isEqualTo(ElementType.BF16);
      assertThat(checkpoint.type("double")).isEqualTo(ElementType.F64);
      assertThat(checkpoint.type("steps")).isEqualTo(ElementType.I64);
      assertThat(checkpoint.type("bytes")).isEqualTo(ElementType.U8);
      assertThat(checkpoint.type("words")).isEqualTo(ElementType.U16);
      assertThat(checkpoint.type("flags")).isEqualTo(ElementType.BOOL);
      assertThatThrownBy(() -> checkpoint.values("steps"))
          .isInstanceOf(ModelFileException.class)
          .hasMessageEndingWith("has a tensor steps that holds I64, not floating-point numbers");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "module.pth | holds a __main__.Net; only tensors",
        "sparse.pth | holds a torch._utils._rebuild_sparse_tensor; only tensors",
        "quantized.pth | holds a torch._utils._rebuild_qtensor; only tensors",
        "program.pt | is a TorchScript program, not a state dict",
      })
  void whatIsNotAStateDictIsRefusedByName(String file, String complaint) {
    assertThatThrownBy(() -> Checkpoint.open(file(file)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Model file " + file(file) + " " + complaint);
  }

  private static Path file(String name) {
    URL resource = TorchFixturesTest.class.getResource(name);
    assertThat(resource).as(name).isNotNull();
    try {
      return Path.of(resource.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
