package io.atrous.dataset;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A way in which data sets lie in folders.
 *
 * <p><b>Threading:</b> implementations are immutable.
 */
interface DatasetLayout {

  /** Returns what people call it. */
  String name();

  /** Returns whether a folder looks like this. */
  boolean isAt(Path root);

  /** Returns the names of the splits; empty if the data set is not split. */
  List<String> splits(Path root) throws IOException;

  /** Returns the files of a split, or of a data set that is not split if its name is empty. */
  PairedFiles files(Path root, String split) throws IOException;

  /** Returns the names that data sets of this kind have for their labels. */
  default Optional<NamedLabels> labels() {
    return Optional.empty();
  }
}
