package io.atrous.chaos;

import io.atrous.embedded.TemporaryDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Ties a child process to its parent: when standard input ends, because the parent is gone, the
 * child deletes its directory and halts. Until then what the parent writes there is heard.
 */
final class ParentWatch {

  private ParentWatch() {}

  /**
   * Ties this process.
   *
   * @param directory its own
   * @param lines hears each line of standard input, on a thread of the tether
   */
  static void tie(Path directory, Consumer<String> lines) {
    Thread watch = new Thread(() -> listen(directory, lines), "tether");
    watch.setDaemon(true);
    watch.start();
  }

  private static void listen(Path directory, Consumer<String> lines) {
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try {
      String line;
      while ((line = input.readLine()) != null) {
        lines.accept(line);
      }
      TemporaryDirectory.delete(directory);
    } catch (IOException e) {
      System.err.println("Could not delete " + directory + ": " + e);
    } finally {
      Runtime.getRuntime().halt(1);
    }
  }
}
