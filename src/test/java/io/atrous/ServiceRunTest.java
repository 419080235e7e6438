package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.model.Model;
import io.atrous.process.ChildJvm;
import io.atrous.settings.ReloadTrigger;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.StartException;
import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
@Tag("slow")
final class ServiceRunTest {

  @Test
  void aSignalBeforeTheServiceHasBegunIsAnOrderlyEnd() throws Exception {
    try (ServerSocket silentBroker = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process process = start("127.0.0.1:" + silentBroker.getLocalPort());
      try (Socket connection = silentBroker.accept()) {
        assertThat(connection.isConnected()).isTrue();

        // By its handle: the process itself would also close its streams.
        process.toHandle().destroy();

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
      } finally {
        process.destroyForcibly();
      }
    }
  }

  @Test
  void aServiceThatCanNotStartKeepsItsExitCode() throws Exception {
    Process process = start("127.0.0.1:1");
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.lines()).anyMatch(line -> line.contains("No Kafka cluster answers"));
      assertThat(process.waitFor()).isEqualTo(2);
    } finally {
      process.destroyForcibly();
    }
  }

  private static Process start(String bootstrapServers) throws Exception {
    return ChildJvm.running(Run.class, List.of("-Dai.djl.offline=true"), List.of(bootstrapServers))
        .redirectErrorStream(true)
        .start();
  }

  /** What {@code atrous run} does. */
  static final class Run {

    private Run() {}

    public static void main(String[] arguments) throws InterruptedException {
      try {
        int exitCode =
            ServiceRun.of(
                () ->
                    SegmentationService.start(
                        ServiceConfig.of(
                            Map.of(
                                "application.id", "run",
                                "bootstrap.servers", arguments[0],
                                "schema.registry.url", "http://127.0.0.1:1",
                                "frames.topics", "frames",
                                "model.file", Model.SHIPPED,
                                "streams.request.timeout.ms", "5000",
                                "streams.default.api.timeout.ms", "5000"))),
                ReloadTrigger.NONE);
        System.exit(exitCode);
      } catch (StartException e) {
        System.out.println(e.getMessage());
        System.exit(2);
      }
    }
  }
}
