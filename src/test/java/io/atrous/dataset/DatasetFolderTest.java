package io.atrous.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.atrous.frame.DecodeLimits;
import io.atrous.model.ClassCatalog;
import io.atrous.model.SegmentationClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetFolderTest {

  private static final ClassCatalog STREET =
      new ClassCatalog(
          List.of(
              new SegmentationClass("road", 0x804080),
              new SegmentationClass("sidewalk", 0xF423E8),
              new SegmentationClass("vehicle", 0x00008E)));

  @TempDir private Path root;

  private DatasetFolder open(@Nullable ClassCatalog classes) {
    return DatasetFolder.open(root, classes, null);
  }

  private void pair(String image, String mask, int... values) throws IOException {
    LabelPngs.jpeg(root.resolve(image), values.length, 1);
    LabelPngs.grey(root.resolve(mask), values.length, 1, values);
  }

  private static List<String> names(LabeledFrames frames) {
    return IntStream.range(0, frames.size()).mapToObj(frames::name).toList();
  }

  private static byte[] labels(LabeledFrames frames, int index) {
    return frames.get(index).labels().values();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private void refused(DatasetSource source, String... parts) {
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(source::use)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"));
  }

  private interface DatasetSource {
    void use() throws IOException;
  }

  @Test
  void readsAFolderOfImagesAndMasks() throws IOException {
    pair("images/b.jpg", "masks/b.png", 0, 1, 2, 255);
    pair("images/a.jpg", "masks/a.png", 2, 2);

    LabeledFrames frames = open(STREET).frames(null);

    assertThat(open(STREET).splits()).isEmpty();
    assertThat(names(frames)).containsExactly("images/a.jpg", "images/b.jpg");
    assertThat(labels(frames, 1)).isEqualTo(bytes(0, 1, 2, 255));
    LabeledImage decoded = new DecodedFrames(frames, DecodeLimits.DEFAULT).get(1);
    assertThat(decoded.image().width()).isEqualTo(4);
    assertThat(decoded.labels().get(2, 0)).isEqualTo(2);
  }

  @Test
  void splitsAFolderByFoldersOrByLists() throws IOException {
    pair("images/train/a.jpg", "masks/train/a.png", 0);
    pair("images/val/b.jpg", "masks/val/b.png", 1);
    assertThat(open(STREET).splits()).containsExactly("train", "val");
    assertThat(names(open(STREET).frames("val"))).containsExactly("images/val/b.jpg");
    assertThat(open(STREET).frames(null).size()).isEqualTo(2);

    Path listed = root.resolve("listed");
    LabelPngs.jpeg(listed.resolve("images/a.jpg"), 1, 1);
    LabelPngs.grey(listed.resolve("masks/a.png"), 1, 1, 0);
    LabelPngs.jpeg(listed.resolve("images/b.c.jpg"), 1, 1);
    LabelPngs.grey(listed.resolve("masks/b.c.png"), 1, 1, 1);
    Files.writeString(listed.resolve("train.txt"), "b.c\r\n\n");
    Files.writeString(listed.resolve("test.txt"), "a.jpg\n");
    DatasetFolder lists = DatasetFolder.open(listed, STREET, null);
    assertThat(lists.splits()).containsExactly("train", "test");
    assertThat(names(lists.frames("train"))).containsExactly("images/b.c.jpg");
    assertThat(names(lists.frames("test"))).containsExactly("images/a.jpg");
    assertThat(lists.frames(null).size()).isEqualTo(2);
  }

  @Test
  void readsAFolderForEachSplitAsCamVidHasThem() throws IOException {
    pair("train/images/a.jpg", "train/masks/a.png", 0);
    pair("test/images/a.jpg", "test/masks/a.png", 1);

    assertThat(open(STREET).layout()).isEqualTo("SPLIT/images/ and SPLIT/masks/");
    assertThat(open(STREET).splits()).containsExactly("test", "train");
    assertThat(labels(open(STREET).frames("test"), 0)).isEqualTo(bytes(1));
  }

  @Test
  void readsPascalVocByItsPaletteOrByItsColours() throws IOException {
    int[] palette = {0x000000, 0x800000, 0x008000};
    LabelPngs.jpeg(root.resolve("JPEGImages/2007_1.jpg"), 3, 1);
    LabelPngs.palette(root.resolve("SegmentationClass/2007_1.png"), palette, 3, 1, 0, 2, 1);
    LabelPngs.jpeg(root.resolve("JPEGImages/2007_2.jpg"), 3, 1);
    LabelPngs.colours(
        root.resolve("SegmentationClass/2007_2.png"), 3, 1, 0x000000, 0xE0E0C0, 0x800000);
    LabelPngs.jpeg(root.resolve("JPEGImages/unlisted.jpg"), 3, 1);
    Path lists = Files.createDirectories(root.resolve("ImageSets/Segmentation"));
    Files.writeString(lists.resolve("train.txt"), "2007_1\n");
    Files.writeString(lists.resolve("val.txt"), "2007_2\n2007_3\n");
    Files.writeString(lists.resolve("trainval.txt"), "2007_1\n2007_2\n");

    DatasetFolder voc = open(null);

    assertThat(voc.layout()).isEqualTo("PASCAL VOC");
    assertThat(voc.splits()).containsExactly("train", "trainval", "val");
    assertThat(labels(voc.frames("train"), 0)).isEqualTo(bytes(0, 2, 1));
    assertThat(labels(voc.frames("val"), 0)).isEqualTo(bytes(0, 255, 1));
    assertThat(voc.frames(null).size()).isEqualTo(2);
    assertThat(voc.files("val").unpaired()).hasSize(1);
    assertThat(voc.labels().classes().get(1).name()).isEqualTo("aeroplane");
  }

  @Test
  void readsCityscapesByItsTableOfIds() throws IOException {
    for (String city : List.of("aachen", "bochum")) {
      Path image = root.resolve("leftImg8bit/val/" + city + "/" + city + "_0_0_leftImg8bit.png");
      LabelPngs.colours(image, 6, 1, new int[6]);
      String labels = "gtFine/val/" + city + "/" + city + "_0_0_gtFine_";
      LabelPngs.grey(root.resolve(labels + "labelIds.png"), 6, 1, 0, 7, 8, 26, 33, 29);
      LabelPngs.colours(root.resolve(labels + "color.png"), 6, 1, new int[6]);
    }

    DatasetFolder cityscapes = open(null);

    assertThat(cityscapes.layout()).isEqualTo("Cityscapes");
    assertThat(cityscapes.splits()).containsExactly("val");
    assertThat(cityscapes.frames("val").size()).isEqualTo(2);
    // road 0, sidewalk 1, car 13, bicycle 18; unlabelled and caravan are ignored.
    assertThat(labels(cityscapes.frames("val"), 1)).isEqualTo(bytes(255, 0, 1, 13, 18, 255));
    assertThat(cityscapes.files("val").unpaired()).isEmpty();
  }

  @Test
  void mapsLabelsByTheNamesOfADataSetsClasses() throws IOException {
    pair("images/a.jpg", "masks/a.png", 0, 1);
    Files.writeString(root.resolve("classes.txt"), "sidewalk\nroad\npole\n");

    assertThat(labels(open(STREET).frames(null), 0)).isEqualTo(bytes(1, 0));
  }

  @Test
  void mapsNumbersColoursAndNamesAsLabelsJsonSays() throws IOException {
    Files.writeString(root.resolve("classes.txt"), "sidewalk\nroad\ncar\nvan\npole #0A0B0C\n");
    Files.writeString(
        root.resolve("labels.json"),
        """
        {"car": "vehicle", "3": "vehicle", "4": null, "77": "road", "#0a0b0d": "road"}
        """);
    pair("images/a.jpg", "masks/a.png", 0, 1, 2, 3, 4, 77);
    LabelPngs.jpeg(root.resolve("images/b.jpg"), 2, 1);
    LabelPngs.colours(root.resolve("masks/b.png"), 2, 1, 0x0A0B0D, 0x0A0B0D);
    LabelPngs.jpeg(root.resolve("images/c.jpg"), 1, 1);
    LabelPngs.grey16(root.resolve("masks/c.png"), 1, 1, 77);

    LabeledFrames frames = open(STREET).frames(null);

    assertThat(labels(frames, 0)).isEqualTo(bytes(1, 0, 2, 2, 255, 0));
    assertThat(labels(frames, 1)).isEqualTo(bytes(0, 0));
    assertThat(labels(frames, 2)).isEqualTo(bytes(0));
  }

  @Test
  void readsAPaletteAsColoursWhereOnlyColoursHaveClasses() throws IOException {
    LabelPngs.jpeg(root.resolve("images/a.jpg"), 2, 1);
    LabelPngs.palette(root.resolve("masks/a.png"), new int[] {0x112233, 0x445566}, 2, 1, 1, 0);
    Files.writeString(
        root.resolve("labels.json"), "{\"#112233\": \"road\", \"#445566\": \"vehicle\"}");

    assertThat(labels(open(STREET).frames(null), 0)).isEqualTo(bytes(2, 0));
  }

  @Test
  void takesTheClassesThatLabelsJsonNamesWhereNobodyAsksForOthers() throws IOException {
    pair("images/a.jpg", "masks/a.png", 5, 6, 7);
    Files.writeString(root.resolve("labels.json"), "{\"5\": \"b\", \"6\": \"a\", \"7\": \"b\"}");

    assertThat(open(null).labels().classes().classes())
        .extracting(SegmentationClass::name)
        .containsExactly("b", "a");
    assertThat(labels(open(null).frames(null), 0)).isEqualTo(bytes(0, 1, 0));
  }

  @Test
  void saysWhatALabelWithoutAClassIsAndHowToGoOn() throws IOException {
    pair("images/a.jpg", "masks/a.png", 0, 3);
    refused(
        () -> open(STREET).frames(null).get(0),
        root.resolve("masks/a.png").toString(),
        "has the value 3, which is none of the 3 classes (road, sidewalk, vehicle)",
        "in labels.json map it to one, or to null to ignore it");

    Files.writeString(root.resolve("classes.txt"), "road\nsidewalk\nvehicle\npole");
    refused(() -> open(STREET).frames(null).get(0), "has the value 3 (pole), which is none");

    LabelPngs.colours(root.resolve("masks/a.png"), 2, 1, 0x804080, 0x804081);
    Files.delete(root.resolve("classes.txt"));
    refused(() -> open(STREET).frames(null).get(0), "has the colour #804081, which is none");
  }

  @Test
  void refusesLabelsThatCanNotBeExact() throws IOException {
    pair("images/a.jpg", "masks/a.png", 0, 1);
    Files.delete(root.resolve("masks/a.png"));
    LabelPngs.jpeg(root.resolve("masks/a.jpg"), 2, 1);
    refused(
        () -> open(STREET).frames(null).get(0),
        root.resolve("masks/a.jpg").toString(),
        "it is a JPEG, whose compression changes values of labels: save label images as PNG");
  }

  @Test
  void refusesALabelImageOfAnotherSize() throws IOException {
    LabelPngs.jpeg(root.resolve("images/a.jpg"), 3, 2);
    LabelPngs.grey(root.resolve("masks/a.png"), 2, 3, 0, 0, 0, 0, 0, 0);
    refused(
        () -> open(STREET).frames(null).get(0),
        "has 2x3 pixels, its image 3x2: it lies on its side");
  }

  @Test
  void refusesFoldersSplitsAndFilesThatAreNotThere() throws IOException {
    refused(() -> DatasetFolder.open(root.resolve("none"), STREET, null), "There is no folder");
    refused(() -> open(STREET), "has none of the known layouts: Cityscapes; PASCAL VOC; images/");
    pair("images/a.jpg", "masks/a.png", 0);
    refused(() -> open(STREET).frames("val"), "is not split: leave out --split");
    Files.writeString(root.resolve("test.txt"), "a\n");
    refused(() -> open(STREET).frames("val"), "has no split 'val' but test");
    Files.writeString(root.resolve("test.txt"), "b\n");
    refused(() -> open(STREET).frames("test"), "has no image with a label image in the split test");
    Files.writeString(root.resolve("test.txt"), "../../b\n");
    refused(() -> open(STREET).frames("test"), "has the line '../../b', which is not the name");
    LabelPngs.colours(root.resolve("images/a.png"), 1, 1, 0);
    refused(() -> open(STREET).frames(null), "a.png", "a.jpg", "have one name");
  }

  @Test
  void refusesALabelsFileThatMapsNothingOrToNothing() throws IOException {
    pair("images/a.jpg", "masks/a.png", 0);
    Path file = root.resolve("labels.json");
    Files.writeString(file, "{\"0\": \"raod\"}");
    refused(
        () -> open(STREET),
        "maps label 0 to the class 'raod', which is none of the classes: road, sidewalk, vehicle");
    Files.writeString(file, "{\"raod\": \"road\"}");
    refused(() -> open(STREET), "maps 'raod', which is neither a number, a colour");
    Files.writeString(file, "{\"0\": 1}");
    refused(() -> open(STREET), "maps label 0 to 1, which is neither a class's name nor null");
    Files.writeString(file, "[]");
    refused(() -> open(STREET), "maps no labels");
    Files.writeString(file, "{\"0\": \"road\", \"0\": null}");
    refused(() -> open(STREET), "is no JSON", "Duplicate");
    refused(
        () -> DatasetFolder.open(root, STREET, root.resolve("mine.json")),
        "Cannot read the labels in",
        "there is no such file");
  }
}
