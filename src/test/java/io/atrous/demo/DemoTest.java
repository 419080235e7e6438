package io.atrous.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.frame.FrameEncoder;
import io.atrous.frame.RgbImage;
import io.atrous.model.Model;
import io.atrous.settings.ProcessingGuarantee;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job, whole: real broker, production service, shipped model, real images. */
@Tag("slow")
final class DemoTest {

  @TempDir Path directory;

  @Test
  void everyFrameOfTheCamerasIsAnsweredAndComparedWithTheTruth() throws Exception {
    Path pictures = directory.resolve("pictures");
    List<String> metrics = new ArrayList<>();
    Recorder recorder =
        new Recorder() {
          @Override
          public void step(String sentence) {
            super.step(sentence);
            if (sentence.startsWith("Metrics are at ")) {
              metrics.add(page(sentence.substring("Metrics are at ".length())));
            }
          }
        };
    Demo demo =
        new Demo(
            new DemoOptions(
                3, 3.0, null, 3, Model.SHIPPED, ProcessingGuarantee.EXACTLY_ONCE_V2, pictures, 0),
            recorder);

    DemoReport report = demo.run();

    assertThat(metrics).singleElement().asString().contains("atrous_frames_total");
    assertThat(report.framesIn()).isPositive();
    assertThat(report.masksOut()).isEqualTo(report.framesIn());
    assertThat(report.deadLetters()).isZero();
    assertThat(report.regionsOut()).isGreaterThan(report.masksOut());
    assertThat(report.meanIoU()).isGreaterThan(0.5);
    assertThat(report.latencyMillis()).isNotNull();
    try (Stream<Path> files = Files.list(pictures)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .contains("street-0-0-frame.png", "street-0-0-overlay.png", "street-0-0-regions.png");
    }
  }

  @Test
  void aFolderWithABrokenFileGivesOneDeadLetterAndMasksForTheRest() throws Exception {
    Path images = Files.createDirectories(directory.resolve("images"));
    byte[] jpeg = FrameEncoder.jpeg(gradient(640, 480), 90);
    Files.write(images.resolve("a.jpg"), jpeg);
    Files.write(images.resolve("b.PNG"), FrameEncoder.png(gradient(200, 300)));
    Files.write(images.resolve("broken.jpeg"), Arrays.copyOf(jpeg, jpeg.length / 2));
    Files.write(images.resolve("c.jpg"), FrameEncoder.jpeg(gradient(1, 50), 90));
    Files.writeString(images.resolve("notes.txt"), "not an image");
    Recorder recorder = new Recorder();

    DemoReport report = new Demo(folder(images), recorder).run();

    assertThat(report.framesIn()).isEqualTo(4);
    assertThat(report.masksOut()).isEqualTo(3);
    assertThat(report.deadLetters()).isEqualTo(1);
    assertThat(report.meanIoU()).isNull();
    assertThat(recorder.steps)
        .anySatisfy(step -> assertThat(step).contains("UNDECODABLE_IMAGE").contains("broken.jpeg"));
  }

  @Test
  void aDemoThatIsStoppedAnswersEveryFrameItHasSent() throws Exception {
    List<Demo> running = new ArrayList<>();
    Recorder recorder =
        new Recorder() {
          @Override
          public void tick(String line) {
            if (!line.startsWith("0 frames")) {
              running.forEach(Demo::stop);
            }
          }
        };
    Demo demo =
        new Demo(
            new DemoOptions(
                2, 86_400.0, null, 5, Model.SHIPPED, ProcessingGuarantee.AT_LEAST_ONCE, null, 0),
            recorder);
    running.add(demo);

    DemoReport report = demo.run();

    assertThat(report.framesIn()).isPositive();
    assertThat(report.complete()).isTrue();
    assertThat(report.guarantee()).isEqualTo("at_least_once");
  }

  private static DemoOptions folder(Path images) {
    return new DemoOptions(
        2, null, images, 5, Model.SHIPPED, ProcessingGuarantee.EXACTLY_ONCE_V2, null, 0);
  }

  private static String page(String address) {
    try (InputStream body = URI.create(address).toURL().openStream()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RgbImage gradient(int width, int height) {
    RgbImage image = RgbImage.allocate(width, height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRgb(x, y, ((255 * x / width) << 16) | ((255 * y / height) << 8) | 0x40);
      }
    }
    return image;
  }

  /** Remembers what a person would have read. */
  private static class Recorder implements Demo.Progress {

    final List<String> steps = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void step(String sentence) {
      steps.add(sentence);
    }

    @Override
    public void tick(String line) {}
  }
}
