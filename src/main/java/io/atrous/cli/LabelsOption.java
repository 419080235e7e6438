package io.atrous.cli;

import io.atrous.dataset.DatasetFolder;
import io.atrous.model.ClassCatalog;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says what the labels of a data set mean, as a mixin. */
final class LabelsOption {

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = {
        "Which class each label is, as JSON.",
        "  Default: labels.json in the folder, if it is there"
      })
  private @Nullable Path labels;

  /**
   * Opens a data set.
   *
   * @param classes the classes that its labels are mapped to; null for its own
   */
  DatasetFolder open(Path folder, @Nullable ClassCatalog classes) {
    return DatasetFolder.open(folder, classes, labels);
  }
}
