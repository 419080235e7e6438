package io.atrous.chaos;

import io.atrous.demo.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The main class of a child process that is another main class, tied to its parent: when standard
 * input ends, because the parent is gone, it deletes its directory and halts.
 */
final class Tether {

  private Tether() {}

  /**
   * Runs a main class.
   *
   * @param arguments the directory, the main class and its arguments
   */
  public static void main(String[] arguments) throws ReflectiveOperationException {
    Thread watch = new Thread(() -> awaitParentsEnd(Path.of(arguments[0])), "tether");
    watch.setDaemon(true);
    watch.start();
    Class.forName(arguments[1])
        .getMethod("main", String[].class)
        .invoke(null, (Object) Arrays.copyOfRange(arguments, 2, arguments.length));
  }

  private static void awaitParentsEnd(Path directory) {
    try {
      while (System.in.read() != -1) {
        // Only its end means something.
      }
      TemporaryDirectory.delete(directory);
    } catch (IOException e) {
      System.err.println("Could not delete " + directory + ": " + e);
    } finally {
      Runtime.getRuntime().halt(1);
    }
  }
}
