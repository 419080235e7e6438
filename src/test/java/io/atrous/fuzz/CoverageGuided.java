package io.atrous.fuzz;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Runs a target in a JVM of its own under Jazzer, which keeps inputs that reach new code and
 * damages those further.
 */
final class CoverageGuided {

  private static final String READERS = "io.atrous.**:org.apache.avro.**";
  private static final int MAX_INPUT_BYTES = 1 << 14;
  private static final int MAX_RESIDENT_MEGABYTES = 3072;
  private static final int MAX_INPUT_SECONDS = 60;

  private static FuzzTarget target;

  private CoverageGuided() {}

  /**
   * Returns if there was no finding.
   *
   * @param runs how many inputs
   */
  static void run(String targetName, long seed, int runs) throws Exception {
    FuzzTarget target = target(targetName);
    Path folder = Path.of("target", "fuzz", "coverage", targetName).toAbsolutePath();
    Path inputs = Files.createDirectories(folder.resolve("inputs"));
    List<byte[]> known = new ArrayList<>(target.seeds());
    known.addAll(Fuzzing.corpus(target));
    for (int i = 0; i < known.size(); i++) {
      Files.write(inputs.resolve("seed-" + i), known.get(i));
    }
    target.close();
    Path words = folder.resolve("words");
    Files.writeString(
        words, target.words().stream().map(CoverageGuided::line).collect(joining("\n")) + "\n");
    Path log = folder.resolve("log");
    Process jazzer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-Dfuzz.target=" + targetName,
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + Entry.class.getName(),
                "--instrumentation_includes=" + READERS,
                "--custom_hook_includes=" + READERS,
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-dict=" + words,
                "-seed=" + seed,
                "-runs=" + runs,
                "-max_len=" + MAX_INPUT_BYTES,
                "-rss_limit_mb=" + MAX_RESIDENT_MEGABYTES,
                "-timeout=" + MAX_INPUT_SECONDS,
                inputs.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (jazzer.waitFor() != 0) {
        throw new AssertionError(
            "Jazzer has a finding in " + targetName + ": see " + log + "\n" + end(log));
      }
    } finally {
      jazzer.destroyForcibly();
    }
  }

  private static FuzzTarget target(String name) {
    return Fuzzing.targets(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  /** A word as libFuzzer reads it. */
  private static String line(byte[] word) {
    return IntStream.range(0, word.length)
        .mapToObj(i -> "\\x%02x".formatted(word[i]))
        .collect(joining("", "\"", "\""));
  }

  private static String end(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
  }

  /** What Jazzer calls. */
  public static final class Entry {

    private Entry() {}

    public static void fuzzerInitialize() {
      target = target(System.getProperty("fuzz.target"));
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
      // What Jazzer puts into the code allocates, too: memory is held to the process's limits.
      var unused = target.reads(target.repaired(input));
    }
  }
}
