package io.atrous.prediction;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.Engines;
import io.atrous.inference.EngineChoice;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.mask.PngMaskCodec;
import io.atrous.model.ModelFile;
import io.atrous.prediction.PredictionOptions.Picture;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The program in docs/geometry.md has labelled the pictures with the shipped model; {@code
 * geometry_fixture.py} drew them, says what each one shows, and ran the program.
 */
class GeometryPageTest {

  private static final double LEAST_SHARE = 0.9999;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "shrinks.jpg, 1280, 719",
    "half.jpg, 1921, 1081",
    "quarter.jpg, 3840, 2160",
    "upright.png, 301, 903",
    "panorama.png, 2003, 337",
    "grows.png, 97, 61"
  })
  void aStrangersProgramGivesOurLabels(String picture, int width, int height) throws Exception {
    Path file = Files.write(directory.resolve(picture), resource(picture));
    String mask = picture.replaceFirst("\\..*", NamedImage.MASK);
    byte[] expected = new PngMaskCodec().decode(resource(mask), width, height).values();

    predict(file);

    byte[] labels =
        new PngMaskCodec()
            .decode(Files.readAllBytes(directory.resolve("masks").resolve(mask)), width, height)
            .values();
    int equal = 0;
    for (int pixel = 0; pixel < labels.length; pixel++) {
      equal += labels[pixel] == expected[pixel] ? 1 : 0;
    }
    assertThat((double) equal / labels.length).isGreaterThanOrEqualTo(LEAST_SHARE);
  }

  private void predict(Path picture) throws Exception {
    ModelFile model = ModelFile.shipped();
    Path masks = directory.resolve("masks");
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cpu(),
            PrecisionChoice.FP32,
            model.spec().inputHeight(),
            model.spec().inputWidth(),
            1,
            false,
            1,
            directory);
    try (Predictor predictor =
        Predictor.start(
            model,
            settings,
            Engines.of(EngineChoice.AUTO),
            new PredictionOptions(masks, Picture.NONE, false),
            System::nanoTime)) {
      predictor.predict(
          NamedImage.find(List.of(picture), masks),
          new Predictor.Listener() {
            @Override
            public void predicted(Prediction prediction) {}

            @Override
            public void failed(NamedImage image, String reason) {
              throw new AssertionError(image.image() + ": " + reason);
            }
          });
    }
  }

  private static byte[] resource(String name) throws Exception {
    try (InputStream in = GeometryPageTest.class.getResourceAsStream("geometry/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }
}
