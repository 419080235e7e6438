package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class BackgroundLoadTest {

  private static final class Part implements AutoCloseable {

    private final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public void close() {
      closed.countDown();
    }
  }

  private final Part part = new Part();

  @Test
  void itsOwnerGoesOnMeanwhile() {
    CompletableFuture<Part> loaded = new CompletableFuture<>();

    BackgroundLoad<Part> load = BackgroundLoad.start("load", loaded::join, Part::close);
    loaded.complete(part);

    assertThat(load.take()).isSameAs(part);
  }

  @Test
  void aPartThatWasTakenStaysOpen() {
    BackgroundLoad<Part> load = BackgroundLoad.start("load", () -> part, Part::close);
    Part taken = load.take();

    load.close();

    assertThat(taken.closed.getCount()).isOne();
  }

  @Test
  void aPartThatNobodyTakesIsClosedOnceItIsLoaded() throws Exception {
    CompletableFuture<Part> loaded = new CompletableFuture<>();
    BackgroundLoad<Part> load = BackgroundLoad.start("load", loaded::join, Part::close);

    load.close();
    loaded.complete(part);

    part.closed.await();
  }

  @Test
  void whatLoadingThrowsIsThrownToWhoeverTakes() {
    BackgroundLoad<Part> refused =
        BackgroundLoad.start(
            "load",
            () -> {
              throw new ConfigException("no such device");
            },
            Part::close);
    BackgroundLoad<Part> broken =
        BackgroundLoad.start(
            "load",
            () -> {
              throw new UnsatisfiedLinkError("no such library");
            },
            Part::close);

    assertThatThrownBy(refused::take).isInstanceOf(ConfigException.class);
    assertThatThrownBy(broken::take).isInstanceOf(UnsatisfiedLinkError.class);
    refused.close();
  }
}
