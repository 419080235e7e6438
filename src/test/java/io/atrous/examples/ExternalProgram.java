package io.atrous.examples;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A program of this machine that runs an example.
 *
 * @param command the program, and its first arguments
 */
record ExternalProgram(List<String> command) {

  /** What .ci/run makes, with the packages of examples/python. */
  private static final Path PYTHON = Path.of("target", "python", "bin", "python");

  /**
   * What a program came to.
   *
   * @param said standard output and error
   */
  record Result(int exitCode, String said) {}

  /** Python, with what the examples ask for where .ci/run has installed it. */
  static ExternalProgram python() {
    return new ExternalProgram(
        List.of(Files.exists(PYTHON) ? PYTHON.toAbsolutePath().toString() : "python3"));
  }

  static ExternalProgram node() {
    return new ExternalProgram(List.of("node"));
  }

  /** Skips the test, by that reason, unless the program runs so. */
  void assume(String otherwise, String... arguments) {
    boolean runs;
    try {
      runs = run(Path.of("."), arguments).exitCode() == 0;
    } catch (IOException e) {
      runs = false;
    }
    assumeTrue(runs, otherwise);
  }

  Result run(Path directory, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(command);
    all.addAll(Arrays.asList(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(all).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      return new Result(process.waitFor(), said);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while it ran", e);
    }
  }
}
