package io.atrous.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.bench.BenchReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;

/** {@code atrous bench}: what is fast and what is not, on this machine. */
@Command(
    name = "bench",
    description = "Measures on this machine.",
    mixinStandardHelpOptions = true,
    subcommands = {BenchCommandNetwork.class, BenchCommandCodec.class, BenchCommandService.class})
final class BenchCommand {

  /** Writes a report for machines. */
  static void write(Path file, BenchReport report) throws IOException {
    Files.writeString(
        file,
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
  }
}
