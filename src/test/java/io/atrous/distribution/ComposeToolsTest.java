package io.atrous.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the tools themselves say of their files, where they are; elsewhere they are named. */
@Tag("slow")
class ComposeToolsTest {

  private static final String COMPOSE_GO = "github.com/compose-spec/compose-go/v2/cmd@v2.16.2";

  @Test
  void composeTakesTheFiles() throws Exception {
    Path tool = composeGo();

    assertThat(run(Map.of(), tool.toString(), "docker-compose.yml")).returns(0, Run::exitCode);
    assertThat(run(Map.of(), tool.toString(), "docker-compose.yml", "compose.cuda.yml"))
        .returns(0, Run::exitCode);
  }

  @Test
  void prometheusTakesItsFiles() throws Exception {
    String promtool = program("promtool").toString();

    assertThat(run(Map.of(), promtool, "check", "config", "compose/prometheus/prometheus.yml"))
        .returns(0, Run::exitCode);
  }

  /** Built once for a checkout. */
  private static Path composeGo() throws Exception {
    Path folder = Path.of("target", "compose-go").toAbsolutePath();
    Path tool = folder.resolve("cmd");
    if (!Files.exists(tool)) {
      String go = program("go").toString();
      Run built = run(Map.of("GOBIN", folder.toString()), go, "install", COMPOSE_GO);
      if (built.exitCode() != 0) {
        abort("compose-go can't be built here: " + built.output());
      }
    }
    return tool;
  }

  /** Finds a program, or skips the test. */
  private static Path program(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseGet(() -> abort(name + " is not on this machine"));
  }

  private record Run(int exitCode, String output) {}

  private static Run run(Map<String, String> environment, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Run(process.waitFor(), output);
  }
}
