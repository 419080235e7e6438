package io.atrous.cli;

import io.atrous.bench.BenchFailedException;
import io.atrous.chaos.ChaosFailedException;
import io.atrous.dataset.DatasetException;
import io.atrous.deadletter.DeadLettersFailedException;
import io.atrous.demo.DemoFailedException;
import io.atrous.event.UntrustedText;
import io.atrous.logging.LogFormat;
import io.atrous.model.ModelFileException;
import io.atrous.process.CacheDirectory;
import io.atrous.process.CacheDirectoryException;
import io.atrous.settings.StartException;
import io.atrous.training.TrainingFailedException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.util.List;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * {@code bin/atrous}: dispatches to the commands and turns their ends into exit codes; those of a
 * service that ran are {@link io.atrous.SegmentationService.End}'s.
 */
@Command(
    name = "atrous",
    description = "Semantic segmentation of live camera streams on Kafka.",
    scope = CommandLine.ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      RunCommand.class,
      DemoCommand.class,
      CamerasCommand.class,
      IngestCommand.class,
      WatchCommand.class,
      ChaosCommand.class,
      DeadLettersCommand.class,
      ModelCommand.class,
      DatasetCommand.class,
      BenchCommand.class
    })
public final class Main {

  /** Something broke that the user can't mend by other arguments. */
  static final int FAILED = 1;

  /** Bad arguments, configuration or files; one sentence on standard error says which. */
  static final int BAD_INPUT = 2;

  private static final int MAX_SAID_CHARS = 4_000;

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setDefaultValueProvider(new WrittenDefaults())
        .setExecutionStrategy(Main::execute)
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              PrintWriter err = command.getErr();
              if (isBadInput(failure)) {
                say(err, failure.getMessage());
                return BAD_INPUT;
              }
              if (failure instanceof InvalidPathException invalid) {
                say(err, sentence(invalid));
                return BAD_INPUT;
              }
              if (failure instanceof DemoFailedException
                  || failure instanceof BenchFailedException
                  || failure instanceof ChaosFailedException
                  || failure instanceof DeadLettersFailedException
                  || failure instanceof TrainingFailedException) {
                say(err, failure.getMessage());
                return FAILED;
              }
              LoggerFactory.getLogger(Main.class).error("Unexpected failure", failure);
              say(err, "failed unexpectedly: " + failure);
              return FAILED;
            });
  }

  /** Runs a command with a form of log lines and a place for native libraries; help needs none. */
  private static int execute(ParseResult parsed) {
    requireKnownSubcommands(parsed);
    Integer helped = CommandLine.executeHelpRequest(parsed);
    if (helped != null) {
      return helped;
    }
    try {
      var unusedFormat =
          LogFormat.atStart(
              System.getProperty(LogFormat.PROPERTY), System.getenv(LogFormat.VARIABLE));
      var unused = CacheDirectory.current();
    } catch (CacheDirectoryException | ConfigException e) {
      throw new ExecutionException(
          parsed.commandSpec().commandLine(), String.valueOf(e.getMessage()), e);
    }
    return new RunLast().execute(parsed);
  }

  /** Where help is asked for, picocli passes over what it doesn't know. */
  private static void requireKnownSubcommands(ParseResult parsed) {
    for (CommandLine command : parsed.asCommandLineList()) {
      List<String> unknown = command.getUnmatchedArguments();
      if (!unknown.isEmpty() && !command.getSubcommands().isEmpty()) {
        throw new UnmatchedArgumentException(command, unknown);
      }
    }
  }

  /** Messages quote settings, files and answers of others. */
  private static void say(PrintWriter err, @Nullable String message) {
    err.println("atrous: " + UntrustedText.oneLine(String.valueOf(message), MAX_SAID_CHARS));
  }

  /** Settings and arguments may name a file as no file can be named. */
  private static String sentence(InvalidPathException invalid) {
    return "'%s' can't be a file's name in the encoding of this locale, %s: %s"
        .formatted(invalid.getInput(), System.getProperty("sun.jnu.encoding"), invalid.getReason());
  }

  private static boolean isBadInput(Exception failure) {
    return failure instanceof StartException
        || failure instanceof CacheDirectoryException
        || failure instanceof ConfigException
        || failure instanceof DatasetException
        || failure instanceof ModelFileException;
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"atrous " + (version == null ? "(development build)" : version)};
    }
  }
}
