package io.atrous;

import io.atrous.settings.ServiceConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A process that serves, until it reads a line; then it prints whether it has loaded PyTorch.
 * Arguments are settings, {@code KEY=VALUE}.
 */
final class ServiceWithoutTorch {

  static final String READY = "ready";

  private ServiceWithoutTorch() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Map<String, String> settings =
        Arrays.stream(arguments)
            .collect(
                Collectors.toMap(
                    argument -> argument.substring(0, argument.indexOf('=')),
                    argument -> argument.substring(argument.indexOf('=') + 1)));
    try (SegmentationService service = SegmentationService.start(ServiceConfig.of(settings));
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      if (service.awaitRunning(Duration.ofSeconds(90))) {
        System.out.println(READY);
      }
      in.readLine();
      System.out.println("libraries of PyTorch: " + librariesOfTorch());
    }
  }

  private static long librariesOfTorch() throws IOException {
    try (var maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.contains("libtorch") || line.contains("libc10")).count();
    }
  }
}
