package io.atrous.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.model.Quantization.Accuracy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A model's calibration, beside the model in the file's header. */
class QuantizationTest {

  private static final String KEY = "atrous.int8";
  private static final ModelFile STREET = ModelFile.shipped();
  private static final Quantization QUANTIZATION =
      new Quantization(
          Map.of("conv1", 0.1f, "conv1.sum", 3.4e-7f),
          Map.of("conv1", List.of(0.5f, 1e-20f)),
          new Accuracy("mse", 64, 32, true, 0.998, 0.02, "person", 0.3));

  @TempDir private Path directory;

  @Test
  void whatIsWrittenIsReadToTheLastBit() throws IOException {
    Path path = directory.resolve("m.safetensors");

    STREET.with(QUANTIZATION).write(path);

    assertThat(ModelFile.open(path).quantization()).contains(QUANTIZATION);
  }

  @Test
  void nothingElseOfTheModelChanges() throws IOException {
    Path path = directory.resolve("m.safetensors");
    STREET.with(QUANTIZATION).write(path);

    ModelFile calibrated = ModelFile.open(path);

    assertThat(calibrated.spec()).isEqualTo(STREET.spec());
    assertThat(calibrated.network()).isEqualTo(STREET.network());
    assertThat(calibrated.names()).isEqualTo(STREET.names());
    assertThat(calibrated.storageTypes()).isEqualTo(STREET.storageTypes());
    for (String name : STREET.names()) {
      assertThat(calibrated.tensor(name)).isEqualTo(STREET.tensor(name));
    }
  }

  @Test
  void calibratingAgainReplacesTheCalibrationAndNothingElse() throws IOException {
    Path once = directory.resolve("once.safetensors");
    Path twice = directory.resolve("twice.safetensors");
    STREET.with(QUANTIZATION).write(once);
    Quantization other = new Quantization(Map.of("conv1", 2f), Map.of(), QUANTIZATION.accuracy());
    ModelFile.open(once).with(other).with(QUANTIZATION).write(twice);

    assertThat(twice).hasSameBinaryContentAs(once);
  }

  /** Masks in int8 depend on it, and a service reloads a file whose digest is another. */
  @Test
  void anotherCalibrationIsAnotherDigest() {
    Quantization other =
        new Quantization(Map.of("conv1", 0.2f), QUANTIZATION.weights(), QUANTIZATION.accuracy());

    assertThat(STREET.with(QUANTIZATION).sha256())
        .isNotEqualTo(STREET.with(other).sha256())
        .isNotEqualTo(STREET.sha256())
        .isEqualTo(STREET.with(QUANTIZATION).sha256());
  }

  /** By the rule with which a release that knows no int8 reads a model that has it. */
  @Test
  void metadataThatAReaderDoesNotKnowIsPassedOver() throws IOException {
    ModelFile future = ModelFile.parse("future", written("atrous.int3", "no JSON at all"));

    assertThat(future.spec()).isEqualTo(STREET.spec());
    assertThat(future.quantization()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"formatVersion\":1}",
        "{\"formatVersion\":2,\"quantization\":{}}",
        "{\"formatVersion\":1,\"quantization\":{\"activations\":{},\"weights\":{}}}",
      })
  void aCalibrationThatCannotBeReadIsRefusedInASentence(String json) {
    assertThatThrownBy(() -> ModelFile.parse("bad", written(KEY, json)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("The calibration of model file bad ");
  }

  @ParameterizedTest
  @CsvSource({"0", "-1", "NaN", "Infinity", "1e-45"})
  void aScaleIsAPositiveNumber(float scale) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new Quantization(Map.of("conv1", scale), Map.of(), QUANTIZATION.accuracy()))
        .withMessageContaining("conv1");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Quantization(
                    Map.of(), Map.of("conv1", List.of(1f, scale)), QUANTIZATION.accuracy()))
        .withMessageContaining("conv1");
  }

  /** The shipped model with other metadata. */
  private ByteBuffer written(String key, String value) throws IOException {
    Path path = directory.resolve("plain.safetensors");
    STREET.write(path);
    Safetensors file = Safetensors.parse("plain", ByteBuffer.wrap(Files.readAllBytes(path)));
    Map<String, String> metadata = new HashMap<>(file.metadata());
    metadata.remove(KEY);
    metadata.put(key, value);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    file.with(metadata).write(out);
    return ByteBuffer.wrap(out.toByteArray());
  }
}
