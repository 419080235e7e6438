package io.atrous.demo;

import io.atrous.dataset.ImageFolder;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.event.FrameEncoding;
import io.atrous.settings.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A camera that shows its share of a folder's JPEG and PNG files, each once. */
final class ImageFolderCamera implements Camera {

  /** What the demo's broker takes, less what an event carries beside the image. */
  private static final int MAX_FILE_BYTES = EmbeddedKafka.MESSAGE_MAX_BYTES - (64 << 10);

  private final String id;
  private final List<Path> files;
  private final Clock clock;

  private ImageFolderCamera(String id, List<Path> files, Clock clock) {
    this.id = id;
    this.files = files;
    this.clock = clock;
  }

  /**
   * Shares the files of a folder among cameras, in the order of their names.
   *
   * @throws StartException if the folder can't be read or has no images
   */
  static List<Camera> share(Path folder, int cameras, Clock clock) {
    List<Path> images;
    try {
      images = ImageFolder.images(folder);
      for (Path image : images) {
        if (!Files.isReadable(image) || Files.size(image) > MAX_FILE_BYTES) {
          throw new StartException(
              "--images: "
                  + image
                  + " can't be read or has more than "
                  + MAX_FILE_BYTES
                  + " bytes; move it away");
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw new StartException("--images: there is no folder " + folder, e);
    } catch (IOException e) {
      throw new StartException("--images: cannot read the folder " + folder + ": " + e, e);
    }
    if (images.isEmpty()) {
      throw new StartException("--images: no .jpg, .jpeg or .png file in " + folder);
    }
    List<List<Path>> shares = new ArrayList<>();
    for (int i = 0; i < Math.min(cameras, images.size()); i++) {
      shares.add(new ArrayList<>());
    }
    for (int i = 0; i < images.size(); i++) {
      shares.get(i % shares.size()).add(images.get(i));
    }
    List<Camera> result = new ArrayList<>();
    for (int i = 0; i < shares.size(); i++) {
      result.add(new ImageFolderCamera("folder-" + i, List.copyOf(shares.get(i)), clock));
    }
    return result;
  }

  @Override
  public @Nullable CameraFrame capture(long sequence, double seconds) throws IOException {
    if (sequence >= files.size()) {
      return null;
    }
    Path file = files.get((int) sequence);
    return new CameraFrame(
        id,
        sequence,
        String.valueOf(file.getFileName()),
        clock.instant(),
        encoding(file),
        Files.readAllBytes(file),
        null);
  }

  private static FrameEncoding encoding(Path file) {
    boolean png = file.toString().toLowerCase(Locale.ROOT).endsWith(".png");
    return png ? FrameEncoding.PNG : FrameEncoding.JPEG;
  }
}
