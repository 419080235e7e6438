package io.atrous.stream;

import io.atrous.process.ChildJvm;
import io.atrous.stream.ContractInstance.Design;
import io.atrous.stream.ContractInstance.Options;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** An instance of the service in a JVM of its own, so that it can be killed. */
final class ContractProcess implements AutoCloseable {

  private static final int THREADS = 2;

  private final Process process;
  private final BufferedReader output;

  private ContractProcess(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts an instance of two threads whose engine holds one frame for ever. */
  static ContractProcess start(ContractSetting setting, Design design, String heldFrame)
      throws IOException {
    Process process =
        ChildJvm.running(
                ContractProcess.class,
                List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                List.of(
                    setting.bootstrapServers(),
                    setting.guarantee(),
                    setting.applicationId(),
                    design.name(),
                    heldFrame))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return new ContractProcess(process);
  }

  public static void main(String[] arguments) throws IOException {
    ContractSetting setting = new ContractSetting(arguments[0], arguments[1], arguments[2]);
    HeldEngine engine = HeldEngine.holding(arguments[4]);
    ContractInstance instance =
        ContractInstance.start(
            setting, engine, Options.usual().design(Design.valueOf(arguments[3])).threads(THREADS));
    try {
      ContractWorld.await("spread out", instance::isSpreadOut);
      System.out.println("running");
      ContractWorld.await("held", () -> engine.holds(arguments[4]));
      System.out.println("holding");
      while (System.in.read() != -1) {
        // Lives until it is killed, or its parent dies.
      }
    } finally {
      Runtime.getRuntime().halt(1);
    }
  }

  /** Waits until each of its threads has a partition. */
  void awaitRunning() throws IOException {
    awaitLine("running");
  }

  /** Waits until the engine holds its frame. */
  void awaitHolding() throws IOException {
    awaitLine("holding");
  }

  private void awaitLine(String line) throws IOException {
    if (!line.equals(output.readLine())) {
      throw new IllegalStateException("The instance ended before it was " + line);
    }
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
