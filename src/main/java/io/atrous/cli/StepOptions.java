package io.atrous.cli;

import io.atrous.inference.ExecutionTarget;
import io.atrous.training.OptimizerSettings.Rule;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say what a step of a training takes, and on what it runs, as a mixin. */
final class StepOptions {

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private ThreadsOption threads = new ThreadsOption();

  @Option(
      names = "--crop",
      paramLabel = "HxW",
      converter = Size.Converter.class,
      description = {"How large the crops are.", "  Default: half the input size"})
  private @Nullable Size crop;

  @Option(names = "--optimizer", paramLabel = "OPTIMIZER", description = "adamw or sgd.")
  private Rule optimizer = Rule.ADAMW;

  @Option(names = "--device", paramLabel = "DEVICE", description = "auto, cpu, cuda or cuda:N.")
  private String device = "auto";

  @Option(names = "--workers", paramLabel = "N", description = "Threads that prepare crops.")
  private int workers = 2;

  /** Checks the arguments before anything is opened. */
  void requireSensible() {
    invocation.requirePositive("--workers", workers);
    var unused = threads.count();
  }

  /** Returns the size of the crops for an input size. */
  Size crop(Size input) {
    return crop == null ? input.halved() : crop;
  }

  /** Returns the rule by which parameters are moved. */
  Rule optimizer() {
    return optimizer;
  }

  /** Returns what to run on. */
  ExecutionTarget device() {
    return invocation.made("--device", () -> ExecutionTarget.parse(device));
  }

  /** Returns the number of cores to compute on. */
  int threads() {
    return threads.count();
  }

  /** Returns the number of threads that make crops. */
  int workers() {
    return workers;
  }
}
