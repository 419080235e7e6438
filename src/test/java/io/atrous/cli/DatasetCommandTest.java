package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.dataset.LabelPngs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found is DatasetCheckTest's. */
class DatasetCommandTest {

  @TempDir private Path root;

  @BeforeEach
  void writePair() throws IOException {
    LabelPngs.jpeg(root.resolve("images/a.jpg"), 4, 1);
    LabelPngs.grey(root.resolve("masks/a.png"), 4, 1, 0, 0, 2, 255);
  }

  @Test
  void showsPairsSizesAndATableOfLabels() throws IOException {
    LabelPngs.jpeg(root.resolve("images/b.jpg"), 4, 1);
    Path classes = Files.writeString(root.resolve("names.txt"), "road\ncar\nsky\n");

    CommandRun run = CommandRun.of("dataset", "check", root, "--classes", classes);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines().map(String::stripTrailing))
        .containsExactly(
            "  layout           images/ and masks/",
            "  pairs            all (1)",
            "  sizes            4x1 (1)",
            "",
            "label    name                 class                  images         pixels      share",
            "0        road                 road                        1              2   50.000 %",
            "2        sky                  sky                         1              1   25.000 %",
            "255                           (ignored)                   1              1   25.000 %",
            "",
            "Classes without a pixel: car",
            "",
            "1 files lack their partner and are left out:",
            "  images/b.jpg");
  }

  @Test
  void endsWithExitCode2AndTheWayOutWhereALabelHasNoClass() throws IOException {
    Files.writeString(root.resolve("classes.txt"), "road\ncar\n");

    CommandRun run = CommandRun.of("dataset", "check", root);

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.out()).contains("(unknown)");
    assertThat(run.err())
        .contains("atrous: Label image " + root.resolve("masks/a.png") + " has the value 2,")
        .contains("in labels.json map it to one, or to null to ignore it");

    Path labels = Files.writeString(root.resolve("my.json"), "{\"2\": \"car\"}");
    assertThat(CommandRun.of("dataset", "check", root, "--labels", labels).exitCode()).isZero();
  }

  @Test
  void endsWithOneSentenceWhereThereIsNoDataSet() {
    CommandRun run = CommandRun.of("dataset", "check", root.resolve("masks"));

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err().strip())
        .startsWith("atrous: Folder " + root.resolve("masks") + " has none of the known layouts");
    assertThat(CommandRun.of("dataset", "check", root, "--split", "val").err().strip())
        .isEqualTo("atrous: Data set " + root + " is not split: leave out --split");
  }
}
