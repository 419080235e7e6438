package io.atrous.dataset;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A folder for each split, with {@code images} and {@code masks} in it, as CamVid is often kept.
 *
 * <p><b>Threading:</b> immutable.
 */
final class SplitFoldersLayout implements DatasetLayout {

  private final FolderLayout whole = new FolderLayout();

  @Override
  public String name() {
    return "SPLIT/images/ and SPLIT/masks/";
  }

  @Override
  public boolean isAt(Path root) {
    try {
      return !splits(root).isEmpty();
    } catch (IOException e) {
      throw new DatasetException("Cannot read the folder " + root + ": " + e, e);
    }
  }

  @Override
  public List<String> splits(Path root) throws IOException {
    return FolderLayout.folders(root).stream()
        .filter(folder -> whole.isAt(root.resolve(folder)))
        .toList();
  }

  @Override
  public PairedFiles files(Path root, String split) throws IOException {
    Path folder = root.resolve(split);
    return FolderLayout.pair(
        root, folder.resolve(FolderLayout.IMAGES), folder.resolve(FolderLayout.MASKS));
  }
}
