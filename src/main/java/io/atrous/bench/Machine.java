package io.atrous.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Describes the machine of a bench in a line. */
final class Machine {

  private static final Pattern PROCESSOR = Pattern.compile("(?m)^model name\\s*:\\s*(.+)$");
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  private Machine() {}

  static String describe(int threads, String libraries) {
    return "%s, %d cores, %d used; %s %s, Java %s, %s"
        .formatted(
            processor(),
            Runtime.getRuntime().availableProcessors(),
            threads,
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            System.getProperty("java.version"),
            libraries);
  }

  private static String processor() {
    try {
      return processor(Files.readString(PROCESSORS));
    } catch (IOException e) {
      // Only Linux tells this way.
      return processor("");
    }
  }

  static String processor(String cpuinfo) {
    Matcher name = PROCESSOR.matcher(cpuinfo);
    return name.find() ? name.group(1).strip() : "a processor that does not say its name";
  }
}
