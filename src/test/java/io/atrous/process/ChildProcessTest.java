package io.atrous.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
@Tag("slow")
class ChildProcessTest {

  private static final Duration PATIENT = Duration.ofMinutes(1);

  @TempDir private Path temporary;

  @Test
  void answersEachRequestInItsTurn() throws Exception {
    try (ChildProcess child = start(Talker.class)) {
      assertThat(child.ask("one", PATIENT)).isEqualTo("ONE");
      assertThat(child.ask("zwölf")).isEqualTo("ZWÖLF");
    }
  }

  @Test
  void passesOverWhatIsPrintedBeforeAnAnswer() throws Exception {
    try (ChildProcess child = start(Talker.class)) {
      assertThat(child.ask("print", PATIENT)).isEqualTo("PRINT");
      assertThat(child.ask("one", PATIENT)).isEqualTo("ONE");
    }
  }

  @Test
  void saysThatAChildIsSilent() throws Exception {
    try (ChildProcess child = start(Talker.class)) {
      assertThatThrownBy(() -> child.ask("hang", Duration.ofMillis(1)))
          .isInstanceOf(TimeoutException.class)
          .hasMessage("The child process has said nothing for 1 ms");
    }
  }

  @Test
  void saysThatAChildHasEndedHoweverOftenItIsAsked() throws Exception {
    try (ChildProcess child = start(Talker.class)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> child.ask("exit"))
            .isInstanceOf(IOException.class)
            .hasMessage("The child process has ended");
      }
      assertThat(child.process().waitFor()).isEqualTo(7);
    }
  }

  @Test
  void aRequestThatFailsEndsTheChildWithExitCodeOne() throws Exception {
    try (ChildProcess child = start(Talker.class)) {
      assertThatThrownBy(() -> child.ask("fail", PATIENT)).isInstanceOf(IOException.class);
      assertThat(child.process().waitFor()).isOne();
    }
  }

  @Test
  void aChildThatIsClosedAtWorkDeletesItsDirectoryAndEnds() throws Exception {
    Path directory = directory();
    ChildProcess child = start(Talker.class, directory.toString());
    assertThatThrownBy(() -> child.ask("hang", Duration.ofMillis(1)))
        .isInstanceOf(TimeoutException.class);

    child.close();

    assertThat(child.process().exitValue()).isZero();
    assertThat(directory).doesNotExist();
  }

  @Test
  void aChildWhoseParentIsKilledDeletesItsDirectoryAndEnds() throws Exception {
    Path directory = directory();
    try (ChildProcess parent = start(Parent.class, directory.toString())) {
      ProcessHandle child =
          ProcessHandle.of(Long.parseLong(parent.ask("pid", PATIENT))).orElseThrow();

      parent.process().destroyForcibly().waitFor();

      child.onExit().get(PATIENT.toSeconds(), TimeUnit.SECONDS);
      assertThat(directory).doesNotExist();
    }
  }

  private Path directory() throws IOException {
    Path directory = Files.createDirectory(temporary.resolve("child"));
    Files.writeString(directory.resolve("file"), "data");
    return directory;
  }

  private static ChildProcess start(Class<?> main, String... arguments) throws IOException {
    return ChildProcess.start(
        ChildJvm.running(
                main, List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"), List.of(arguments))
            .redirectError(ProcessBuilder.Redirect.DISCARD));
  }

  /** Answers in capitals. */
  static final class Talker {

    private Talker() {}

    public static void main(String[] arguments) {
      PrintStream out =
          new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
      ParentProcess parent =
          ParentProcess.connect(Stream.of(arguments).map(Path::of).toArray(Path[]::new));
      parent.answer(
          request -> {
            switch (request) {
              case "print" -> {
                System.out.println("answer: from the Java code of a library");
                out.println("from a native library");
              }
              case "hang" -> new CountDownLatch(1).await();
              case "exit" -> Runtime.getRuntime().halt(7);
              case "fail" -> throw new IllegalStateException("no answer");
              default -> {}
            }
            return request.toUpperCase(Locale.ROOT);
          });
    }
  }

  /** Has a child of its own, and answers with its process id. */
  static final class Parent {

    private Parent() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
      ParentProcess parent = ParentProcess.connect();
      ChildProcess child = start(Talker.class, arguments);
      child.ask("one");
      parent.answer(request -> String.valueOf(child.process().pid()));
    }
  }
}
