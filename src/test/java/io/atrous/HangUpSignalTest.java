package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(OS.WINDOWS)
@Tag("slow")
final class HangUpSignalTest {

  @Test
  void theSignalRunsTheActionAndDoesNotEndTheProcess() throws Exception {
    CountDownLatch signalled = new CountDownLatch(1);
    HangUpSignal.handle(signalled::countDown);

    String pid = String.valueOf(ProcessHandle.current().pid());
    assertThat(new ProcessBuilder("kill", "-HUP", pid).start().waitFor()).isZero();

    assertThat(signalled.await(30, TimeUnit.SECONDS)).isTrue();
  }
}
