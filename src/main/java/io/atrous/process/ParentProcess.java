package io.atrous.process;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The JVM that started this one as a {@link ChildProcess}. When standard input ends, because the
 * parent closes it or is gone, this JVM halts, whatever it is doing.
 *
 * <p><b>Threading:</b> a daemon thread reads standard input, so that its end is noticed while the
 * thread that calls {@link #answer} is at work.
 */
public final class ParentProcess {

  /** Begins each answer: native libraries and the JVM itself may write other lines. */
  static final String ANSWER = "answer: ";

  private final PrintStream answers =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
  private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

  /** Answers requests. */
  public interface Responder {

    /** Returns the answer, which is one line. */
    String answer(String request) throws Exception;
  }

  private ParentProcess() {}

  /**
   * Connects this JVM to its parent: from now on, what is printed goes to standard error.
   *
   * @param directories this JVM's own, which are deleted when standard input ends
   */
  public static ParentProcess connect(Path... directories) {
    ParentProcess parent = new ParentProcess();
    System.setOut(System.err);
    Thread listener = new Thread(() -> parent.listen(directories), "parent");
    listener.setDaemon(true);
    listener.start();
    return parent;
  }

  private void listen(Path... directories) {
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try {
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        requests.add(line);
      }
      for (Path directory : directories) {
        TemporaryDirectory.delete(directory);
      }
    } catch (IOException e) {
      System.err.println("The end of the parent process was not clean: " + e);
    } finally {
      // Nobody is left to wait for an orderly end.
      Runtime.getRuntime().halt(0);
    }
  }

  /**
   * Answers requests on this thread for as long as this JVM lives; an exception of the responder
   * ends it with exit code 1.
   */
  public void answer(Responder responder) {
    try {
      while (true) {
        answers.println(ANSWER + responder.answer(requests.take()));
      }
    } catch (Throwable failure) {
      failure.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }
}
