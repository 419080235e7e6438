package io.atrous.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How a command was called, as a mixin: where it writes, and how it refuses what it was given.
 *
 * <p><b>Threading:</b> confined to the thread that runs the command.
 */
@Command
final class Invocation {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** Makes something of arguments. */
  @FunctionalInterface
  interface Maker<T, E extends Exception> {

    /**
     * Makes it.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    T make() throws E;
  }

  PrintWriter out() {
    return commandLine().getOut();
  }

  PrintWriter err() {
    return commandLine().getErr();
  }

  /** What arguments make, or the sentence that says why nothing can be made of them. */
  <T, E extends Exception> T made(Maker<T, E> maker) throws E {
    return made("", maker);
  }

  /**
   * Makes something of arguments; {@code what}, such as an option, stands before a sentence that
   * lacks it.
   */
  <T, E extends Exception> T made(String what, Maker<T, E> maker) throws E {
    try {
      return maker.make();
    } catch (IllegalArgumentException e) {
      String prefix = what.isEmpty() ? "" : what + ": ";
      throw new ParameterException(commandLine(), prefix + e.getMessage(), e);
    }
  }

  void requirePositive(String option, long value) {
    if (value < 1) {
      throw refused(option + " must be at least 1, not " + value);
    }
  }

  /** To be thrown: exit code 2, the sentence, and the command's usage. */
  ParameterException refused(String sentence) {
    return new ParameterException(commandLine(), sentence);
  }

  private CommandLine commandLine() {
    return command.commandLine();
  }
}
