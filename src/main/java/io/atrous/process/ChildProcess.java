package io.atrous.process;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A child JVM that answers requests: a request is a line on its standard input, and the answer a
 * line on its standard output. The child's side is {@link ParentProcess}.
 *
 * <p><b>Threading:</b> thread-safe; a request waits until the one before is answered. Owns the
 * process until {@link #close}; if this JVM dies first, the child sees its standard input end, and
 * ends too.
 */
public final class ChildProcess implements AutoCloseable {

  private static final long END_SECONDS = 5;

  private final Process process;
  private final BufferedWriter requests;

  /** Answers in order, and then an empty one if the child has ended. */
  private final BlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();

  private ChildProcess(Process process) {
    this.process = process;
    this.requests = process.outputWriter(StandardCharsets.UTF_8);
  }

  /**
   * Starts a child.
   *
   * @param builder of the process, whose main class connects to its {@link ParentProcess}; it says
   *     where standard error goes
   */
  public static ChildProcess start(ProcessBuilder builder) throws IOException {
    ChildProcess child = new ChildProcess(builder.start());
    Thread listener = new Thread(child::listen, "child-" + child.process.pid());
    listener.setDaemon(true);
    listener.start();
    return child;
  }

  private void listen() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.startsWith(ParentProcess.ANSWER)) {
          answers.add(Optional.of(line.substring(ParentProcess.ANSWER.length())));
        }
      }
    } catch (IOException e) {
      // Killing a process closes its output while it is read here.
    } finally {
      answers.add(Optional.empty());
    }
  }

  /**
   * Has a request answered, however long that takes.
   *
   * @throws IOException if the child has ended, or ends before it answers
   */
  public synchronized String ask(String request) throws IOException, InterruptedException {
    send(request);
    return answer(answers.take());
  }

  /**
   * Has a request answered in time.
   *
   * @throws IOException if the child has ended, or ends before it answers
   * @throws TimeoutException if it doesn't answer in time; it can't be asked again then, since the
   *     late answer would be taken for that of the next request
   */
  public synchronized String ask(String request, Duration limit)
      throws IOException, TimeoutException, InterruptedException {
    send(request);
    Optional<String> answer = answers.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (answer == null) {
      throw new TimeoutException(
          "The child process has said nothing for " + limit.toMillis() + " ms");
    }
    return answer(answer);
  }

  private void send(String request) throws IOException {
    try {
      requests.write(request);
      requests.newLine();
      requests.flush();
    } catch (IOException e) {
      throw new IOException("The child process has ended", e);
    }
  }

  private String answer(Optional<String> answer) throws IOException {
    if (answer.isEmpty()) {
      // For whoever asks next.
      answers.add(answer);
      throw new IOException("The child process has ended");
    }
    return answer.get();
  }

  /** The process, for signals and its exit code; its standard streams belong to this object. */
  public Process process() {
    return process;
  }

  /**
   * Closes the child's standard input, so that it ends, kills it if it doesn't, and returns once it
   * is gone.
   */
  @Override
  public void close() {
    try {
      requests.close();
    } catch (IOException e) {
      // The child has ended.
    }
    boolean interrupted = false;
    while (process.isAlive()) {
      try {
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        interrupted = true;
        process.destroyForcibly();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
