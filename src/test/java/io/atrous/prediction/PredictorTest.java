package io.atrous.prediction;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.Engines;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.RgbImage;
import io.atrous.inference.EngineChoice;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.FrameFit;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.torch.TorchScriptEngine;
import io.atrous.mask.Mask;
import io.atrous.mask.MaskFormatException;
import io.atrous.mask.PngMaskCodec;
import io.atrous.model.ModelFile;
import io.atrous.model.NetworkSpec;
import io.atrous.network.RandomModels;
import io.atrous.prediction.Prediction.ClassShare;
import io.atrous.prediction.PredictionOptions.Picture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictorTest {

  private static final int HEIGHT = 33;
  private static final int WIDTH = 48;
  private static final int CLASSES = 5;

  @TempDir private static Path models;
  @TempDir private Path directory;
  private static ModelFile model;

  private Path in;
  private Path out;
  private final List<Prediction> predictions = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final Random random = new Random(20261124);

  @BeforeAll
  static void makeAModel() throws IOException {
    NetworkSpec network = NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, CLASSES);
    model = RandomModels.write(models, network, HEIGHT, WIDTH, 7);
  }

  @BeforeEach
  void makeFolders() throws IOException {
    in = Files.createDirectory(directory.resolve("in"));
    out = Files.createDirectory(directory.resolve("out"));
  }

  @Test
  void writesTheEnginesMaskAndConfidenceAtTheImagesSize() throws Exception {
    RgbImage wide = noise(120, 50);
    Files.write(in.resolve("wide.png"), FrameEncoder.png(wide));

    predict(3, new PredictionOptions(out, Picture.NONE, true));

    var expected = engineSays(wide);
    assertThat(mask("wide.mask.png", wide)).isEqualTo(expected.get(0).values());
    assertThat(mask("wide.confidence.png", wide)).isEqualTo(expected.get(1).values());
    assertThat(out.toFile().list())
        .containsExactlyInAnyOrder("wide.mask.png", "wide.confidence.png");
  }

  @Test
  void answersManyImagesAsItAnswersThemOneByOneAndInTheirOrder() throws Exception {
    List<RgbImage> images = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      images.add(noise(20 + random.nextInt(100), 20 + random.nextInt(100)));
      Files.write(in.resolve("image-%02d.png".formatted(i)), FrameEncoder.png(images.get(i)));
    }

    predict(4, new PredictionOptions(out, Picture.NONE, false));

    assertThat(predictions).hasSize(12);
    for (int i = 0; i < 12; i++) {
      Prediction prediction = predictions.get(i);
      assertThat(prediction.image().name()).hasToString("image-%02d".formatted(i));
      assertThat(prediction.width()).isEqualTo(images.get(i).width());
      assertThat(mask("image-%02d.mask.png".formatted(i), images.get(i)))
          .isEqualTo(engineSays(images.get(i)).get(0).values());
      assertThat(prediction.shares().stream().mapToDouble(ClassShare::share).sum())
          .isBetween(1 - 1e-9, 1 + 1e-9);
    }
  }

  @Test
  void paintsTheOverlayOverTheImageItself() throws Exception {
    RgbImage image = noise(64, 40);
    Files.write(in.resolve("a.png"), FrameEncoder.png(image));

    predict(1, new PredictionOptions(out, Picture.PNG, false));
    predict(1, new PredictionOptions(out, Picture.JPG, false));

    assertThat(out.resolve("a.overlay.png")).isNotEmptyFile();
    assertThat(out.resolve("a.overlay.jpg")).isNotEmptyFile();
    assertThat(predictions.get(0).overlay()).isEqualTo(out.resolve("a.overlay.png"));
    assertThat(predictions.get(1).overlay()).isEqualTo(out.resolve("a.overlay.jpg"));
  }

  @Test
  void anImageThatCantBeReadHarmsNoOther() throws Exception {
    byte[] sound = FrameEncoder.jpeg(noise(60, 60), 90);
    for (String name : List.of("1.jpg", "3.jpg", "5.jpg")) {
      Files.write(in.resolve(name), sound);
    }
    Files.write(in.resolve("2.jpg"), Arrays.copyOf(sound, sound.length * 9 / 10));
    Files.writeString(in.resolve("4.png"), "a note");
    Files.createFile(in.resolve("6.jpg"));

    List<NamedImage> images = NamedImage.find(List.of(in, directory.resolve("none.jpg")), out);
    predict(images, 2, new PredictionOptions(out, Picture.NONE, false));

    assertThat(predictions)
        .extracting(prediction -> prediction.image().name().toString())
        .containsExactly("1", "3", "5");
    assertThat(failures)
        .containsExactly(
            "2: the JPEG is incomplete: 16 of its 60 rows are whole",
            "4: it is neither a JPEG nor a PNG",
            "6: the file is empty",
            "none: there is no such file");
    assertThat(out.toFile().list())
        .containsExactlyInAnyOrder("1.mask.png", "3.mask.png", "5.mask.png");
  }

  /** On Unix a name is bytes; these are the same text in an encoding that no locale here has. */
  @Test
  void anImageWhoseNameIsNoTextHarmsNoOther() throws Exception {
    for (String name : List.of("1.png", "2.png", "3.png")) {
      Files.write(in.resolve(name), FrameEncoder.png(noise(60, 60)));
    }
    rename("2.png", "caf\\377.png");
    rename("3.png", "caf\\376.png");

    predict(2, new PredictionOptions(out, Picture.NONE, false));

    assertThat(predictions)
        .singleElement()
        .extracting(prediction -> prediction.image().name())
        .hasToString("1");
    assertThat(failures)
        .hasSize(2)
        .allSatisfy(
            failure ->
                assertThat(failure).contains("its name is not in the encoding of this locale"));
    assertThat(out.toFile().list()).containsExactly("1.mask.png");
  }

  /** By the shell, for which a name is bytes. */
  private void rename(String name, String octal) throws Exception {
    Process shell =
        new ProcessBuilder("sh", "-c", "mv " + name + " \"$(printf '" + octal + "')\"")
            .directory(in.toFile())
            .inheritIO()
            .start();
    assertThat(shell.waitFor()).isZero();
  }

  @Test
  void aFolderThatCantBeWrittenToEndsTheRun() throws Exception {
    Files.write(in.resolve("1.png"), FrameEncoder.png(noise(60, 60)));
    Path file = Files.createFile(directory.resolve("file"));

    assertThatThrownBy(() -> predict(1, new PredictionOptions(file, Picture.NONE, false)))
        .isInstanceOf(IOException.class);
  }

  private void predict(int batch, PredictionOptions options) throws IOException {
    predict(NamedImage.find(List.of(in), options.folder()), batch, options);
  }

  private void predict(List<NamedImage> images, int batch, PredictionOptions options)
      throws IOException {
    try (Predictor predictor =
        Predictor.start(
            model,
            settings(batch, options.confidence()),
            Engines.of(EngineChoice.AUTO),
            options,
            System::nanoTime)) {
      predictor.predict(
          images,
          new Predictor.Listener() {
            @Override
            public void predicted(Prediction prediction) {
              predictions.add(prediction);
            }

            @Override
            public void failed(NamedImage image, String reason) {
              failures.add(image.name() + ": " + reason);
            }
          });
    }
  }

  private EngineSettings settings(int batch, boolean confidence) {
    return new EngineSettings(
        new ExecutionTarget.Cpu(),
        PrecisionChoice.FP32,
        HEIGHT,
        WIDTH,
        batch,
        confidence,
        1,
        directory);
  }

  /** Labels and confidences at the image's size. */
  private List<Mask> engineSays(RgbImage image) {
    try (TorchScriptEngine engine =
        TorchScriptEngine.start(model, settings(1, true), System::nanoTime)) {
      FrameFit fit = new FrameFit(model.spec(), engine.profile());
      ByteBuffer slot = ByteBuffer.allocateDirect(fit.slotBytes());
      var geometry = fit.fill(image, slot);
      var said = engine.segment(List.of(slot)).get(0);
      return List.of(
          FrameFit.content(said.labels(), geometry).scaledTo(image.width(), image.height()),
          FrameFit.content(requireNonNull(said.confidence()), geometry)
              .scaledTo(image.width(), image.height()));
    }
  }

  private byte[] mask(String name, RgbImage image) throws IOException, MaskFormatException {
    return new PngMaskCodec()
        .decode(Files.readAllBytes(out.resolve(name)), image.width(), image.height())
        .values();
  }

  /** Large squares of random colours, so that there are several classes. */
  private RgbImage noise(int width, int height) {
    RgbImage image = RgbImage.allocate(width, height);
    int[] colours = random.ints(64, 0, 1 << 24).toArray();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRgb(x, y, colours[(y / 16 * 8 + x / 16) % colours.length]);
      }
    }
    return image;
  }
}
