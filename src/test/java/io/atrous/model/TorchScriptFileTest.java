package io.atrous.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.model.ProgramSpec.ChannelOrder;
import io.atrous.model.ProgramSpec.TensorLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TorchScriptFileTest {

  private static final String SPECIFICATION =
      """
      {
        "formatVersion": 1,
        "model": {
          "name": "quay", "version": "3",
          "classes": [{"name": "water", "rgb": "#0000FF"}, {"name": "boat", "rgb": "#804000"}],
          "inputHeight": 64, "inputWidth": 96,
          "normalization": {"mean": [0.5, 0.5, 0.5], "deviation": [0.25, 0.25, 0.25]},
          "resizePolicy": "STRETCH"
        },
        "program": {"layout": "NHWC", "channels": "BGR", "alignCorners": true}
      }
      """;

  @TempDir private Path directory;
  private Path program;

  @BeforeEach
  void writeTheProgram() throws IOException {
    program = directory.resolve("quay.pt");
    Files.write(program, new byte[] {'P', 'K', 3, 4, 5});
  }

  @Test
  void isAModelWithTheSpecificationThatLiesBesideIt() throws IOException {
    Files.writeString(TorchScriptFile.specificationOf(program), SPECIFICATION);

    assertThat(Model.open(program))
        .isInstanceOfSatisfying(
            TorchScriptFile.class,
            file -> {
              assertThat(file.spec())
                  .isEqualTo(
                      new ModelSpec(
                          "quay",
                          "3",
                          new ClassCatalog(
                              List.of(
                                  new SegmentationClass("water", 0x0000FF),
                                  new SegmentationClass("boat", 0x804000))),
                          64,
                          96,
                          new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.25, 0.25, 0.25)),
                          ResizePolicy.STRETCH));
              assertThat(file.program())
                  .isEqualTo(new ProgramSpec(TensorLayout.NHWC, ChannelOrder.BGR, true));
              // sha256sum of the five bytes
              assertThat(file.sha256())
                  .isEqualTo("450f1ee8a4cdb06410c043b290efe7e8a96491af51a0dbdd084e8143d66e3ade");
            });
  }

  @Test
  void withoutASpecificationItIsRefusedWithTheWayOut() {
    assertThatThrownBy(() -> Model.open(program))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("quay.pt has no specification beside it")
        .hasMessageContaining("quay.pt.json")
        .hasMessageContaining("atrous model import");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"NHWC\" | \"HWCN\" | program.layout",
        "\"alignCorners\": true | \"aligned\": true | Missing creator property 'alignCorners' (at program.alignCorners)",
        "\"#0000FF\" | \"blue\" | a colour is written #RRGGBB",
        "\"#0000FF\" | 255 | model.classes[0].rgb",
        "\"boat\" | \"water\" | class names repeat",
        "\"formatVersion\": 1 | \"formatVersion\": 2 | format version 2",
        "{ | [ | unusable specification",
      })
  void aSpecificationThatIsNotSoundIsRefusedWithItsPlace(
      String sound, String unsound, String complaint) throws IOException {
    assertThat(SPECIFICATION).contains(sound);
    Files.writeString(
        TorchScriptFile.specificationOf(program), SPECIFICATION.replace(sound, unsound));

    assertThatThrownBy(() -> Model.open(program))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("quay.pt.json")
        .hasMessageContaining(complaint)
        .hasMessageNotContaining("\n");
  }

  @Test
  void aSpecificationMayHaveAByteOrderMarkAndInAnotherEncodingIsNamed() throws IOException {
    Path specification = TorchScriptFile.specificationOf(program);
    Files.writeString(specification, "\uFEFF" + SPECIFICATION);
    assertThat(Model.open(program).spec().name()).isEqualTo("quay");

    Files.writeString(specification, SPECIFICATION, StandardCharsets.UTF_16LE);
    assertThatThrownBy(() -> Model.open(program))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Cannot read " + specification + ": it is UTF-16");
  }

  @Test
  void aSpecificationLargerThanAnyIsNotRead() throws IOException {
    Files.write(TorchScriptFile.specificationOf(program), new byte[(1 << 18) + 1]);

    assertThatThrownBy(() -> Model.open(program))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("more than 262144 bytes");
  }
}
