package io.atrous.prediction;

import io.atrous.dataset.ImageFolder;
import io.atrous.model.FileName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * An image and what its results are to be called.
 *
 * @param image the file
 * @param name the prefix of its results' names; may have folders before it
 */
public record NamedImage(Path image, Path name) {

  static final String MASK = ".mask.png";
  static final String OVERLAY_JPG = ".overlay.jpg";
  static final String OVERLAY_PNG = ".overlay.png";
  static final String CONFIDENCE = ".confidence.png";

  private static final List<String> SUFFIXES = List.of(MASK, OVERLAY_JPG, OVERLAY_PNG, CONFIDENCE);

  /**
   * Finds images and names their results: after the image without its suffix, {@code NAME}; or, if
   * two would be called alike, with the suffix, {@code NAME.jpg}; or, if they still would, below
   * the folders that lead to them from the one they have in common. One of these holds for all
   * whose own name {@linkplain FileName#isText is text}; for others there are no results.
   *
   * @param arguments image files, and folders of images as {@link ImageFolder} finds them; what is
   *     given twice counts once
   * @param output the place where the results are to go
   * @throws IllegalArgumentException if a folder has no images, or results would lie among images
   */
  public static List<NamedImage> find(List<Path> arguments, Path output) throws IOException {
    Map<Path, Path> images = new LinkedHashMap<>();
    Set<Path> folders = new HashSet<>();
    for (Path argument : arguments) {
      List<Path> found = List.of(argument);
      if (Files.isDirectory(argument)) {
        found = ImageFolder.images(argument);
        folders.add(argument.toRealPath());
      }
      if (found.isEmpty()) {
        throw new IllegalArgumentException("no .jpg, .jpeg or .png file in " + argument);
      }
      for (Path image : found) {
        images.putIfAbsent(unique(image), image);
      }
    }
    int common = commonFolders(images.keySet());
    List<UnaryOperator<Path>> namings =
        List.of(
            image -> withoutSuffix(below(image, image.getNameCount() - 1)),
            image -> below(image, image.getNameCount() - 1),
            image -> withoutSuffix(below(image, common)),
            image -> below(image, common));
    UnaryOperator<Path> naming =
        namings.stream()
            .filter(candidate -> tellsApart(candidate, images.keySet()))
            .findFirst()
            .orElse(image -> below(image, common));
    List<NamedImage> named = new ArrayList<>();
    for (Map.Entry<Path, Path> entry : images.entrySet()) {
      NamedImage image = new NamedImage(entry.getValue(), naming.apply(entry.getKey()));
      if (FileName.isText(image.name())) {
        requireApart(unique(image.result(output, "")), folders, images);
      }
      named.add(image);
    }
    return named;
  }

  /** The next run would take the results for images, or this one would overwrite an image. */
  private static void requireApart(Path result, Set<Path> folders, Map<Path, Path> images) {
    Path folder = result.getParent();
    if (folders.contains(folder)) {
      throw new IllegalArgumentException("results can't lie among the images in " + folder);
    }
    for (String suffix : SUFFIXES) {
      Path file = result.resolveSibling(result.getFileName() + suffix);
      if (images.containsKey(file)) {
        throw new IllegalArgumentException("the image " + file + " would be overwritten");
      }
    }
  }

  /**
   * Where a result of some kind goes, such as {@code NAME.mask.png}.
   *
   * @throws java.nio.file.InvalidPathException if the image's name is no text
   */
  Path result(Path folder, String suffix) {
    Path place = folder.resolve(name);
    return place.resolveSibling(place.getFileName() + suffix);
  }

  /** One path for one file, whether or not it exists. */
  private static Path unique(Path file) throws IOException {
    Path existing = file.toAbsolutePath().normalize();
    Path rest = Path.of("");
    while (!Files.exists(existing) && existing.getParent() != null) {
      rest = existing.getFileName().resolve(rest);
      existing = existing.getParent();
    }
    return existing.toRealPath().resolve(rest);
  }

  /** How many names all images' paths begin with alike, their own not counted. */
  private static int commonFolders(Collection<Path> images) {
    List<Path> paths = List.copyOf(images);
    Path first = paths.get(0);
    int common = first.getNameCount() - 1;
    for (Path path : paths) {
      common = Math.min(common, path.getNameCount() - 1);
      while (common > 0 && !path.subpath(0, common).equals(first.subpath(0, common))) {
        common--;
      }
    }
    return common;
  }

  private static Path below(Path image, int folders) {
    return image.subpath(folders, image.getNameCount());
  }

  private static Path withoutSuffix(Path image) {
    String name = String.valueOf(image.getFileName());
    int dot = name.lastIndexOf('.');
    return dot < 1 || !FileName.isText(image)
        ? image
        : image.resolveSibling(name.substring(0, dot));
  }

  /** Also on file systems that don't tell small letters from capitals. */
  private static boolean tellsApart(UnaryOperator<Path> naming, Collection<Path> images) {
    List<Path> named = images.stream().filter(FileName::isText).toList();
    Set<String> names =
        named.stream()
            .map(image -> naming.apply(image).toString().toLowerCase(Locale.ROOT))
            .collect(Collectors.toCollection(HashSet::new));
    return names.size() == named.size();
  }
}
