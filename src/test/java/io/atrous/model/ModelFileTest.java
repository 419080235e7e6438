package io.atrous.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.model.Safetensors.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelFileTest {

  private static final ModelSpec SPEC =
      new ModelSpec(
          "tiny",
          "7",
          new ClassCatalog(
              List.of(new SegmentationClass("road", 0x804080), new SegmentationClass("sky", 1))),
          64,
          96,
          Normalization.IMAGENET,
          ResizePolicy.FIT);

  private static final NetworkSpec NETWORK =
      NetworkSpec.deepLabV3Plus(List.of(1, 1, 2, 1), 8, 16, 16, 2);

  private static final Map<String, Tensor> TENSORS =
      Map.of(
          "a.weight", new Tensor(List.of(2, 3), new float[] {1, -2, 0.5f, 0, 65504, -0.25f}),
          "b", new Tensor(List.of(1), new float[] {3}),
          "empty", new Tensor(List.of(0, 4), new float[0]));

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(StorageType.class)
  void whatIsWrittenIsRead(StorageType type) throws IOException {
    Path path = directory.resolve("m.safetensors");

    ModelFile.write(path, SPEC, NETWORK, TENSORS, type);

    ModelFile file = ModelFile.open(path);
    assertThat(file.spec()).isEqualTo(SPEC);
    assertThat(file.network()).isEqualTo(NETWORK);
    assertThat(file.names()).containsExactly("a.weight", "b", "empty");
    assertThat(file.shape("a.weight")).containsExactly(2, 3);
    assertThat(file.tensor("b")).containsExactly(3);
    float largest = type == StorageType.BF16 ? 65536 : 65504;
    assertThat(file.tensor("a.weight")).containsExactly(1, -2, 0.5f, 0, largest, -0.25f);
    assertThat(file.sha256()).matches("[0-9a-f]{64}");
  }

  @Test
  void equalModelsMakeEqualFilesAndOthersAnotherDigest() throws IOException {
    Path one = directory.resolve("one");
    Path two = directory.resolve("two");
    Path other = directory.resolve("other");

    ModelFile.write(one, SPEC, NETWORK, TENSORS, StorageType.F16);
    ModelFile.write(two, SPEC, NETWORK, TENSORS, StorageType.F16);
    ModelFile.write(
        other,
        SPEC,
        NETWORK,
        Map.of("b", new Tensor(List.of(1), new float[] {4})),
        StorageType.F16);

    assertThat(one).hasSameBinaryContentAs(two);
    assertThat(ModelFile.open(other).sha256()).isNotEqualTo(ModelFile.open(one).sha256());
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> ModelFile.open(directory.resolve("nowhere.safetensors")))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("There is no model file")
        .hasMessageContaining("nowhere.safetensors");
  }

  @Test
  void tensorsWithoutASpecificationAreNotAModel() throws IOException {
    Path path = directory.resolve("weights.safetensors");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(out, Map.of("format", "pt"), TENSORS, StorageType.F32);
    Files.write(path, out.toByteArray());

    assertThatThrownBy(() -> ModelFile.open(path))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("it is not an Atrous model");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"formatVersion\":1 | \"formatVersion\":2 | format version 2",
        "\"classes\":2 | \"classes\":3 | the model names 2 classes but its network has 3",
        "\"classes\":2 | \"classes\":2.5 | network.classes",
        "\"baseWidth\":8 | \"baseWidth\":\"8\" | network.baseWidth",
        "\"baseWidth\":8 | \"baseWidth\":2000000000 | base width must be between 1 and 16384",
        "\"rates\":[1 | \"rates\":[0 | ASPP rate must be between 1 and 16384, not 0",
        "\"rates\":[1 | \"rates\":[null | network.aspp.rates",
        "\"stride\":2 | \"strides\":2 | network.stages[1][0]",
        "\"block\":\"BOTTLENECK\" | \"block\":\"INVERTED\" | network.block",
        "\"name\":\"tiny\" | \"name\":null | model.name",
        "\"version\":\"7\" | \"version\":\"7\",\"version\":\"8\" | Duplicate",
        "\"inputWidth\":96 | \"inputWidth\":0 | impossible input size 64x0",
      })
  void aSpecificationThatIsNotSoundIsRefusedWithItsPlace(
      String sound, String unsound, String complaint) throws IOException {
    Path path = directory.resolve("m");
    ModelFile.write(path, SPEC, NETWORK, TENSORS, StorageType.F32);
    String json = Safetensors.open(path).metadata().getOrDefault(ModelFile.METADATA_KEY, "");
    assertThat(json).contains(sound);
    int at = json.indexOf(sound);
    String changed = json.substring(0, at) + unsound + json.substring(at + sound.length());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(out, Map.of(ModelFile.METADATA_KEY, changed), TENSORS, StorageType.F32);
    Files.write(path, out.toByteArray());

    assertThatThrownBy(() -> ModelFile.open(path))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Model file " + path)
        .hasMessageContaining(complaint)
        .hasMessageNotContaining("\n");
  }

  @Test
  void aModelHoldsNothingButTheTypesItIsWrittenIn() throws IOException {
    Path path = directory.resolve("m");
    ModelFile.write(path, SPEC, NETWORK, TENSORS, StorageType.F16);
    String written = Files.readString(path, StandardCharsets.ISO_8859_1);
    Files.writeString(
        path,
        written.replace("\"dtype\":\"F16\"", "\"dtype\":\"I16\""),
        StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> ModelFile.open(path))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith("tensor a.weight is stored as I16; F32, F16 and BF16 can be read");
  }

  @Test
  void aNetworkWithoutADecoderIsReadAsOne() throws IOException {
    NetworkSpec network = NETWORK.withDecoder(null);
    Path path = directory.resolve("m");

    ModelFile.write(path, SPEC, network, TENSORS, StorageType.F32);

    assertThat(ModelFile.open(path).network()).isEqualTo(network);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{\"a\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
        "{\"a\\nb\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F\\n\",\"shape\":[1],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,2147483647],"
            + "\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"__metadata__\":{\"x\":1}}",
        "{} {}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[",
      })
  void aHeaderThatLiesIsRefusedInOneSentence(String header) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json);

    assertThatThrownBy(() -> Safetensors.parse("m", file.rewind()))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Model file m")
        .hasMessageNotContaining("\n");
  }
}
