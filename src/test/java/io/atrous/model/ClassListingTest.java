package io.atrous.model;

import static java.nio.charset.StandardCharsets.UTF_16;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClassListingTest {

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "voc, 21, 15, person, C08080",
    "cityscapes, 19, 6, traffic light, FAAA1E",
    "ade20k, 150, 149, flag, 5C00FF",
  })
  void dataSetsAreKnown(String name, int size, int index, String label, String rgb) {
    ClassCatalog classes = ClassListing.ofDataSet(name).orElseThrow();

    assertThat(classes.size()).isEqualTo(size);
    assertThat(classes.get(index))
        .isEqualTo(new SegmentationClass(label, Integer.parseInt(rgb, 16)));
  }

  @Test
  void otherNamesAreNoDataSets() {
    assertThat(ClassListing.ofDataSet("../../model")).isEmpty();
  }

  @Test
  void aFileNamesAClassALineWithOrWithoutAColour() throws IOException {
    Path file = write("background\n\n  traffic light   #faaa1e \r\n#1 fan\n");

    assertThat(ClassListing.read(file).classes())
        .containsExactly(
            new SegmentationClass("background", 0x000000),
            new SegmentationClass("traffic light", 0xFAAA1E),
            new SegmentationClass("#1 fan", 0x008000));
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheFirstClassAndAnotherEncodingIsNamed() throws IOException {
    assertThat(ClassListing.read(write("\uFEFFroad\nsky\n")).get(0).name()).isEqualTo("road");

    Path foreign = Files.write(directory.resolve("utf-16.txt"), "road\n".getBytes(UTF_16));
    assertThatThrownBy(() -> ClassListing.read(foreign))
        .isInstanceOf(ModelFileException.class)
        .hasMessage(
            "Cannot read the classes in "
                + foreign
                + ": it is UTF-16, not UTF-8; save it as UTF-8");
  }

  @Test
  void numberedClassesHaveColoursOfTheirOwn() {
    ClassCatalog classes = ClassListing.numbered(255);

    assertThat(classes.get(254).name()).isEqualTo("class-254");
    assertThat(IntStream.range(0, 255).map(i -> classes.get(i).rgb()).distinct()).hasSize(255);
  }

  /** The rule for colours is that of the data set, whose colours are listed. */
  @Test
  void numberedColoursAreThoseOfVoc() {
    ClassCatalog voc = ClassListing.ofDataSet("voc").orElseThrow();

    assertThat(ClassListing.numbered(21).classes())
        .extracting(SegmentationClass::rgb)
        .isEqualTo(voc.classes().stream().map(SegmentationClass::rgb).toList());
  }

  @Test
  void aFileThatListsNoClassesIsNamed() throws IOException {
    Path empty = write(" \n");
    assertThatThrownBy(() -> ClassListing.read(empty))
        .isInstanceOf(ModelFileException.class)
        .hasMessage("File " + empty + " lists no classes: a model has 1 to 255 classes, not 0");
    Path twice = write("road\nroad\n");
    assertThatThrownBy(() -> ClassListing.read(twice)).hasMessageEndingWith("class names repeat");
    Path huge = write("x".repeat(70_000));
    assertThatThrownBy(() -> ClassListing.read(huge)).hasMessageContaining("more than 65536 bytes");
    Path missing = directory.resolve("none.txt");
    assertThatThrownBy(() -> ClassListing.read(missing))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("none.txt");
  }

  private Path write(String text) throws IOException {
    return Files.writeString(Files.createTempFile(directory, "classes", ".txt"), text);
  }
}
