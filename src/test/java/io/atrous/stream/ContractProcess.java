package io.atrous.stream;

import io.atrous.Await;
import io.atrous.process.ChildJvm;
import io.atrous.process.ChildProcess;
import io.atrous.process.ParentProcess;
import io.atrous.stream.ContractInstance.Design;
import io.atrous.stream.ContractInstance.Options;
import java.io.IOException;
import java.util.List;

/** An instance of the service in a JVM of its own, so that it can be killed. */
final class ContractProcess implements AutoCloseable {

  private static final int THREADS = 2;
  private static final String RUNNING = "running";

  private final ChildProcess child;

  private ContractProcess(ChildProcess child) {
    this.child = child;
  }

  /** Starts an instance of two threads whose engine holds one frame for ever. */
  static ContractProcess start(ContractSetting setting, Design design, String heldFrame)
      throws IOException {
    return new ContractProcess(
        ChildProcess.start(
            ChildJvm.running(
                    ContractProcess.class,
                    List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                    List.of(
                        setting.bootstrapServers(),
                        setting.guarantee(),
                        setting.applicationId(),
                        design.name(),
                        heldFrame))
                .redirectError(ProcessBuilder.Redirect.INHERIT)));
  }

  public static void main(String[] arguments) {
    ParentProcess parent = ParentProcess.connect();
    ContractSetting setting = new ContractSetting(arguments[0], arguments[1], arguments[2]);
    HeldEngine engine = HeldEngine.holding(arguments[4]);
    ContractInstance instance =
        ContractInstance.start(
            setting, engine, Options.usual().design(Design.valueOf(arguments[3])).threads(THREADS));
    parent.answer(
        request -> {
          Await.until(
              request,
              request.equals(RUNNING) ? instance::isSpreadOut : () -> engine.holds(arguments[4]));
          return request;
        });
  }

  /** Waits until each of its threads has a partition. */
  void awaitRunning() throws IOException, InterruptedException {
    child.ask(RUNNING);
  }

  /** Waits until the engine holds its frame. */
  void awaitHolding() throws IOException, InterruptedException {
    child.ask("holding");
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    child.process().destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    child.close();
  }
}
