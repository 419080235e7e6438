package io.atrous.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.settings.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that has a command write what came of it for machines, as a mixin. */
final class ReportFile {

  private static final String OPTION = "--report";

  @Option(names = OPTION, paramLabel = "FILE", description = "Write the result, as JSON.")
  private @Nullable Path file;

  /** Checks that the report can be written, before the work begins. */
  void requireWritable() {
    if (file != null) {
      OutputFile.requireWritable(OPTION, file);
    }
  }

  /** Writes a result, if that is wanted. */
  void write(Object result) {
    if (file != null) {
      write(result, OPTION, file);
    }
  }

  /**
   * Writes a result.
   *
   * @param option that named the file
   */
  static void write(Object result, String option, Path file) {
    try {
      Files.writeString(
          file,
          new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(result) + "\n");
    } catch (IOException e) {
      throw new StartException(option + ": cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
