package io.atrous.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.atrous.dataset.DatasetFindings.LabelUse;
import io.atrous.model.ClassCatalog;
import io.atrous.model.SegmentationClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetCheckTest {

  private static final ClassCatalog CLASSES =
      new ClassCatalog(
          List.of(
              new SegmentationClass("road", 1),
              new SegmentationClass("car", 2),
              new SegmentationClass("train", 3)));

  @TempDir private Path root;

  @BeforeEach
  void writePairs() throws IOException {
    for (String name : List.of("train/%s/a", "train/%s/b", "val/%s/c")) {
      LabelPngs.jpeg(root.resolve(name.formatted("images") + ".jpg"), 2, 2);
      LabelPngs.grey(root.resolve(name.formatted("masks") + ".png"), 2, 2, 0, 0, 1, 255);
    }
  }

  private DatasetFindings check(@Nullable String split) {
    return DatasetCheck.of(DatasetFolder.open(root, CLASSES, null), split, 2, (done, total) -> {});
  }

  @Test
  void countsPairsSizesAndTheValuesOfLabels() throws IOException {
    LabelPngs.jpeg(root.resolve("train/images/d.jpg"), 3, 1);
    LabelPngs.grey(root.resolve("train/masks/d.png"), 3, 1, 1, 1, 1);

    DatasetFindings findings = check(null);

    assertThat(findings.pairs()).containsEntry("train", 3).containsEntry("val", 1).hasSize(2);
    assertThat(findings.sizes()).containsEntry("2x2", 3).containsEntry("3x1", 1).hasSize(2);
    assertThat(findings.labels())
        .extracting(use -> use.value().value(), LabelUse::index, LabelUse::images, LabelUse::pixels)
        .containsExactly(
            tuple(0, OptionalInt.of(0), 3, 6L),
            tuple(1, OptionalInt.of(1), 4, 6L),
            tuple(255, OptionalInt.of(255), 3, 3L));
    assertThat(findings.absentClasses()).containsExactly("train");
    assertThat(findings.obstacles()).isEmpty();
    findings.requireSound();
    assertThat(check("val").pairs()).containsOnlyKeys("val");
  }

  @Test
  void namesUnpairedAndUnreadableFiles() throws IOException {
    LabelPngs.jpeg(root.resolve("train/images/alone.jpg"), 2, 2);
    LabelPngs.grey(root.resolve("val/masks/lonely.png"), 1, 1, 0);
    Path image = root.resolve("train/images/b.jpg");
    Files.write(image, new byte[] {1, 2, 3});
    Path labels = root.resolve("val/masks/c.png");
    byte[] half = Files.readAllBytes(labels);
    Files.write(labels, Arrays.copyOf(half, half.length / 2));

    DatasetFindings findings = check(null);

    assertThat(findings.unpaired())
        .containsExactly("train/images/alone.jpg", "val/masks/lonely.png");
    assertThat(findings.faults()).hasSize(2);
    assertThat(findings.faults().get(0))
        .isEqualTo("Cannot use " + image + ": it is neither a JPEG nor a PNG");
    assertThat(findings.faults().get(1)).contains(labels.toString(), "PNG");
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(findings::requireSound)
        .withMessage(findings.faults().get(0) + "; and 1 more: atrous dataset check");
  }

  @Test
  void namesTheFirstFileWithALabelOutsideTheCatalogue() throws IOException {
    LabelPngs.grey(root.resolve("train/masks/b.png"), 2, 2, 7, 0, 0, 9);
    LabelPngs.grey(root.resolve("val/masks/c.png"), 2, 2, 7, 0, 0, 0);

    DatasetFindings findings = check(null);

    assertThat(findings.labels()).extracting(LabelUse::images).containsExactly(3, 1, 2, 1, 1);
    assertThat(findings.obstacles()).hasSize(2);
    assertThat(findings.obstacles().get(0))
        .startsWith("Label image " + root.resolve("train/masks/b.png") + " has the value 7,");
  }

  @Test
  void refusesAPhotographAsLabelImage() throws IOException {
    int[] colours = IntStream.range(0, 5000).toArray();
    LabelPngs.jpeg(root.resolve("val/images/c.jpg"), 100, 50);
    LabelPngs.colours(root.resolve("val/masks/c.png"), 100, 50, colours);

    assertThat(check("val").faults().get(0)).contains("more than 4096 different values");
  }
}
