package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.model.Model;
import io.atrous.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The form of log lines, as JVMs of their own write them to standard error. */
@Tag("slow")
@Timeout(120)
final class LogFormatProcessTest {

  /** A service that logs where its metrics are, and then finds no broker. */
  private static final List<String> RUN =
      List.of(
          "run",
          "--set=application.id=logs",
          "--set=bootstrap.servers=127.0.0.1:1",
          "--set=schema.registry.url=http://127.0.0.1:1",
          "--set=frames.topics=frames",
          "--set=model.file=" + Model.SHIPPED,
          "--set=web.listen=127.0.0.1:0",
          "--set=streams.admin.default.api.timeout.ms=1000",
          "--set=streams.admin.request.timeout.ms=500");

  @TempDir private Path folder;

  @Test
  void linesAreForPeopleUnlessSomethingElseIsAskedFor() throws Exception {
    assertThat(lines(2, Map.of(), List.of(), RUN))
        .anyMatch(line -> line.matches("\\S+Z INFO  \\w+ - Metrics and health are at .*"));
  }

  @Test
  void theSettingMakesThemJson() throws Exception {
    List<String> arguments = new ArrayList<>(RUN);
    arguments.add("--set=log.format=json");

    assertJson(lines(2, Map.of(), List.of(), arguments));
  }

  @Test
  void theVariableMakesThemJsonFromTheFirstLineOn() throws Exception {
    assertJson(lines(2, Map.of("ATROUS_LOG_FORMAT", "json"), List.of(), RUN));
  }

  @Test
  void thePropertyMakesThemJson() throws Exception {
    assertJson(lines(2, Map.of(), List.of("-Datrous.log.format=json"), RUN));
  }

  @Test
  void aFormThatIsNoneIsRefusedInASentenceByEveryCommand() throws Exception {
    for (List<String> arguments : List.of(RUN, List.of("model", "info", Model.SHIPPED))) {
      assertThat(lines(2, Map.of("ATROUS_LOG_FORMAT", "xml"), List.of(), arguments))
          .containsExactly("atrous: 'ATROUS_LOG_FORMAT' is 'xml'; it can be text or json");
    }
  }

  /** All lines are objects, but the sentence that the command ends with. */
  private static void assertJson(List<String> lines) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<String> messages = new ArrayList<>();
    for (String line : lines.subList(0, lines.size() - 1)) {
      JsonNode json = mapper.readTree(line);
      assertThat(json.get("@timestamp").asText()).endsWith("Z");
      messages.add(json.get("message").asText());
    }
    assertThat(messages).anyMatch(message -> message.startsWith("Metrics and health are at"));
    assertThat(lines.get(lines.size() - 1)).startsWith("atrous: ");
  }

  private List<String> lines(
      int exitCode, Map<String, String> environment, List<String> options, List<String> arguments)
      throws Exception {
    Path log = Files.createTempFile(folder, "log", ".txt");
    List<String> all =
        new ArrayList<>(
            List.of(
                // As bin/jvm.options has it: Java 25 warns of native libraries otherwise.
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-Dlogback.configurationFile=logback.xml"));
    all.addAll(options);
    ProcessBuilder builder = ChildJvm.running(Main.class, all, arguments);
    builder.environment().putAll(environment);
    builder.redirectError(log.toFile()).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    assertThat(builder.start().waitFor()).isEqualTo(exitCode);
    return Files.readAllLines(log);
  }
}
