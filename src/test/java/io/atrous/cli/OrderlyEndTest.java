package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.process.ChildJvm;
import java.io.BufferedReader;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class OrderlyEndTest {

  @Test
  void aProcessThatIsAskedToEndWaitsForTheEndOfItsWork() throws Exception {
    Process process =
        ChildJvm.running(Work.class, List.of(), List.of()).redirectErrorStream(true).start();
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.readLine()).isEqualTo("begun");

      // By its handle: the process itself would also close its streams.
      process.toHandle().destroy();

      assertThat(out.lines()).containsExactly("asked to end", "ended");
    } finally {
      process.destroyForcibly();
    }
  }

  /** Work that takes as long as it may. */
  static final class Work {

    private Work() {}

    public static void main(String[] arguments) throws Exception {
      CountDownLatch asked = new CountDownLatch(1);
      OrderlyEnd.of(
          () -> {
            System.out.println("begun");
            asked.await();
            System.out.println("ended");
            return 0;
          },
          () -> {
            System.out.println("asked to end");
            asked.countDown();
          });
    }
  }
}
