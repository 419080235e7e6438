package io.atrous.cli;

import io.atrous.model.ClassCatalog;
import io.atrous.model.ClassListing;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says which classes the labels of a data set are mapped to, as a mixin. */
final class ClassesOption {

  @Option(
      names = "--classes",
      paramLabel = "NAME|FILE",
      description = {
        "The classes, a name in each line, or voc, cityscapes or ade20k.",
        "  Default: those that the data set itself names"
      })
  private @Nullable String classes;

  /** Reads the classes; null for the data set's own. */
  @Nullable ClassCatalog catalog() {
    String name = classes;
    return name == null
        ? null
        : ClassListing.ofDataSet(name).orElseGet(() -> ClassListing.read(Path.of(name)));
  }
}
