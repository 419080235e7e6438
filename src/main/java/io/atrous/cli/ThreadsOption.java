package io.atrous.cli;

import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The option that says how many cores a network computes on, as a mixin. */
final class ThreadsOption {

  @Mixin private Invocation invocation = new Invocation();

  @Option(
      names = "--threads",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "N",
      description = {"Cores to compute on.", "  Default: all"})
  private int threads = Runtime.getRuntime().availableProcessors();

  /** Returns the number of cores. */
  int count() {
    invocation.requirePositive("--threads", threads);
    return threads;
  }
}
