package io.atrous.prediction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedImageTest {

  @TempDir private Path directory;

  @Test
  void namesResultsAfterImages() throws IOException {
    Path folder = files("a/2.png", "a/1.jpg", "a/3.jpeg");

    assertThat(names(folder.resolve("a"))).containsExactly("1", "2", "3");
    assertThat(names(folder.resolve("a/2.png"), folder.resolve("a/1.jpg")))
        .containsExactly("2", "1");
  }

  @Test
  void findsJpegAndPngFilesOfAFolderAndNothingElse() throws IOException {
    Path folder = files("a/1.JPG", "a/b.jpg/2.jpg", "a/notes.txt", "a/._1.jpg", "a/raw.png.txt");

    assertThat(names(folder.resolve("a"))).containsExactly("1");
  }

  @Test
  void keepsTheSuffixOfAllWhereTwoImagesDifferInNothingElse() throws IOException {
    Path folder = files("a/1.jpg", "a/1.png", "a/2.png");

    assertThat(names(folder.resolve("a"))).containsExactly("1.jpg", "1.png", "2.png");
  }

  @Test
  void keepsTheFoldersBelowTheCommonOneWhereTwoImagesAreCalledAlike() throws IOException {
    Path folder = files("day/left/1.jpg", "day/right/1.jpg", "day/right/2.jpg");

    assertThat(names(folder.resolve("day/left"), folder.resolve("day/right")))
        .containsExactly("left/1", "right/1", "right/2");
  }

  @Test
  void keepsFoldersAndSuffixWhereNothingLessTellsImagesApart() throws IOException {
    Path folder = files("day/1.jpg", "day/1.png", "night/1.jpg");

    assertThat(names(folder.resolve("day"), folder.resolve("night")))
        .containsExactly("day/1.jpg", "day/1.png", "night/1.jpg");
  }

  /** Their results would be one file where letters' case doesn't count. */
  @Test
  void takesNamesThatDifferInCaseAloneForAlike() throws IOException {
    Path folder = files("a/x.jpg", "b/X.jpg");

    assertThat(names(folder.resolve("a"), folder.resolve("b"))).containsExactly("a/x", "b/X");
  }

  @Test
  void countsAnImageOnceHoweverOftenAndInWhateverWordsItIsGiven() throws IOException {
    Path folder = files("a/1.jpg");

    assertThat(
            names(
                folder.resolve("a"),
                folder.resolve("a/1.jpg"),
                folder.resolve("a/../a/1.jpg"),
                Files.createSymbolicLink(folder.resolve("link.jpg"), folder.resolve("a/1.jpg"))))
        .containsExactly("1");
  }

  @Test
  void namesAFileThatIsNotThereSoThatItsAbsenceCanBeReported() throws IOException {
    assertThat(names(directory.resolve("none/1.jpg"))).containsExactly("1");
  }

  @Test
  void aFolderWithoutImagesIsNamed() throws IOException {
    Path folder = files("a/1.txt").resolve("a");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> names(folder))
        .withMessage("no .jpg, .jpeg or .png file in " + folder);
  }

  @Test
  void resultsCantLieAmongTheImagesOfAFolder() throws IOException {
    Path folder = files("a/1.jpg", "b/1.jpg");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> NamedImage.find(List.of(folder.resolve("a")), folder.resolve("b/../a")))
        .withMessage("results can't lie among the images in " + folder.resolve("a").toRealPath());
    // Their names hold the folders, and lead back to them.
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> NamedImage.find(List.of(folder.resolve("a"), folder.resolve("b")), folder));
    assertThat(NamedImage.find(List.of(folder.resolve("a/1.jpg")), folder.resolve("a"))).hasSize(1);
  }

  @Test
  void resultsCantOverwriteAnImage() throws IOException {
    Path folder = files("1.jpg", "1.mask.png");

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                NamedImage.find(
                    List.of(folder.resolve("1.jpg"), folder.resolve("1.mask.png")), folder))
        .withMessage(
            "the image %s would be overwritten", folder.resolve("1.mask.png").toRealPath());
  }

  private List<String> names(Path... arguments) throws IOException {
    return NamedImage.find(List.of(arguments), directory.resolve("out")).stream()
        .map(image -> image.name().toString())
        .toList();
  }

  private Path files(String... names) throws IOException {
    for (String name : names) {
      Path file = directory.resolve(name);
      Files.createDirectories(file.getParent());
      Files.createFile(file);
    }
    return directory;
  }
}
