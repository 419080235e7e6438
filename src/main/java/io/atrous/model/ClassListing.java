package io.atrous.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Classes as text: a line each in the order of their indices, the name and, where one is wanted, a
 * colour, such as {@code traffic light #FAAA1E}. Empty lines don't count.
 */
public final class ClassListing {

  /** The data sets whose classes are known. */
  public static final List<String> DATA_SETS = List.of("voc", "cityscapes", "ade20k");

  private static final int MAX_BYTES = 1 << 16;
  private static final Pattern LINE = Pattern.compile("(.*?)(?:\\s+#(\\p{XDigit}{6}))?");

  private ClassListing() {}

  /** The classes of one of the {@link #DATA_SETS}. */
  public static Optional<ClassCatalog> ofDataSet(String name) {
    if (!DATA_SETS.contains(name)) {
      return Optional.empty();
    }
    String resource = "classes/" + name + ".txt";
    try (InputStream in = ClassListing.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new ModelFileException("This build lacks " + resource);
      }
      return Optional.of(parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new ModelFileException("Cannot read " + resource, e);
    }
  }

  /**
   * Reads a file of the user's.
   *
   * @throws ModelFileException if it is missing, no {@linkplain TextFile text} or lists no classes
   */
  public static ClassCatalog read(Path file) {
    try {
      return parse(TextFile.read(file, MAX_BYTES));
    } catch (TextFileException e) {
      throw new ModelFileException("Cannot read the classes in " + file + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new ModelFileException("File " + file + " lists no classes: " + e.getMessage(), e);
    }
  }

  /** Classes of which only their number is known: {@code class-0}, {@code class-1} … */
  public static ClassCatalog numbered(int classes) {
    return new ClassCatalog(
        IntStream.range(0, classes)
            .mapToObj(index -> new SegmentationClass("class-" + index, colour(index)))
            .toList());
  }

  private static ClassCatalog parse(String text) {
    List<String> lines = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    return new ClassCatalog(
        IntStream.range(0, lines.size())
            .mapToObj(
                index -> {
                  Matcher line = LINE.matcher(lines.get(index));
                  if (!line.matches()) {
                    throw new IllegalArgumentException("line '" + lines.get(index) + "'");
                  }
                  String rgb = line.group(2);
                  return new SegmentationClass(
                      line.group(1), rgb == null ? colour(index) : HexFormat.fromHexDigits(rgb));
                })
            .toList());
  }

  /**
   * PASCAL VOC's rule: the bits of the index, taken in turns for red, green and blue, become the
   * channels' upper bits, so that no two are alike.
   */
  private static int colour(int index) {
    int rgb = 0;
    for (int bit = 0; bit < 8; bit++) {
      int channel = 16 - 8 * (bit % 3);
      rgb |= (index >> bit & 1) << (channel + 7 - bit / 3);
    }
    return rgb;
  }
}
