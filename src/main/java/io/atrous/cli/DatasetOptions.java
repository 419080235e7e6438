package io.atrous.cli;

import io.atrous.dataset.DatasetCheck;
import io.atrous.dataset.DatasetFindings;
import io.atrous.dataset.DatasetFolder;
import io.atrous.model.ClassCatalog;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which part of a data set is meant and what its labels mean, as a mixin. */
final class DatasetOptions {

  @Mixin private LabelsOption labels = new LabelsOption();

  @Option(names = "--split", paramLabel = "SPLIT", description = "Only this part, such as test.")
  private @Nullable String split;

  /**
   * Opens a data set.
   *
   * @param classes the classes that its labels are mapped to; null for its own
   */
  DatasetFolder open(Path folder, @Nullable ClassCatalog classes) {
    return labels.open(folder, classes);
  }

  /** Returns the split that was asked for, or null. */
  @Nullable String split() {
    return split;
  }

  /** Reads all of a split. */
  static DatasetFindings check(DatasetFolder folder, @Nullable String split, int threads) {
    CountedProgress[] bar = new CountedProgress[1];
    return DatasetCheck.of(
        folder,
        split,
        threads,
        (done, total) -> {
          if (bar[0] == null) {
            bar[0] = CountedProgress.standardError("pair", total);
          }
          bar[0].show(done, "");
        });
  }
}
