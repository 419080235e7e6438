package io.atrous.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** The options that say where a new model goes and what it is called, as a mixin. */
final class NewModel {

  @Option(
      names = {"-o", "--output"},
      required = true,
      showDefaultValue = Visibility.NEVER,
      paramLabel = "FILE",
      description = "The model file to write.")
  private Path output = Path.of("");

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = {"The model's name.", "  Default: that of the file"})
  private @Nullable String name;

  @Option(
      names = "--model-version",
      paramLabel = "VERSION",
      description = "The model's version, as events carry it.")
  private String version = "1";

  /** Refuses a file that can't be written. */
  void requireWritable() {
    OutputFile.requireWritable("--output", output);
  }

  /** Returns the file. */
  Path output() {
    return output;
  }

  /**
   * Returns the model's name.
   *
   * @param file the file that gives its name, without suffix, to a model that was given none
   */
  String name(Path file) {
    return name == null
        ? String.valueOf(file.toAbsolutePath().normalize().getFileName())
            .replaceFirst("\\.[^.]*$", "")
        : name;
  }

  /** Returns the model's version. */
  String version() {
    return version;
  }
}
