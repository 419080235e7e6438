package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.MaskEvent;
import io.atrous.process.ChildJvm;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On a CPU a service runs without PyTorch, from its start to its masks. */
@ExtendWith(SharedKafka.class)
@Timeout(240)
@Tag("slow")
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
final class ServiceWithoutTorchTest {

  @ParameterizedTest
  @CsvSource({"auto, auto, true", "torch, cpu, false"})
  void isWhatServesOnACpuUnlessTorchIsAskedFor(
      String engine, String device, boolean without, EmbeddedKafka kafka) throws Exception {
    try (ServiceEnvironment environment =
        new ServiceEnvironment(kafka, "without-torch-" + engine + "-" + device, 1)) {
      Process process =
          ChildJvm.running(
                  ServiceWithoutTorch.class,
                  List.of(
                      "-Xmx512m",
                      "-Dai.djl.offline=true",
                      "-Dlogback.configurationFile=logback-test.xml",
                      "--enable-native-access=ALL-UNNAMED"),
                  arguments(environment, engine, device))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        assertThat(until(out, ServiceWithoutTorch.READY)).isEqualTo(ServiceWithoutTorch.READY);
        environment.send(environment.serialize(BlankFrame.of("frame")));
        assertThat(environment.read(MaskEvent.class, environment.masks(), 1)).hasSize(1);
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();

        assertThat(until(out, "libraries of PyTorch: ").endsWith(": 0")).isEqualTo(without);
        assertThat(process.waitFor()).isZero();
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }

  private static List<String> arguments(
      ServiceEnvironment environment, String engine, String device) {
    return environment
        .config(
            Map.of(
                "model.file", "builtin:street",
                "model.input.size", "64x96",
                "inference.threads", "1",
                "inference.engine", engine,
                "inference.device", device))
        .originalsStrings()
        .entrySet()
        .stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .toList();
  }

  private static String until(BufferedReader out, String begin) throws Exception {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(begin)) {
        return line;
      }
    }
    throw new AssertionError("the process ended before it said " + begin);
  }
}
