package io.atrous.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The physical memory that this process holds, native memory included.
 *
 * @param residentBytes the bytes that it holds now
 * @param peakBytes the most bytes that it ever held
 */
public record ProcessMemory(long residentBytes, long peakBytes) {

  /** Reads it; empty where the system doesn't tell as Linux does. */
  public static Optional<ProcessMemory> current() {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return Optional.empty();
    }
    try {
      return parse(Files.readString(status));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Returns the most that this process ever held, for a log. */
  public static String peakText() {
    return current().map(memory -> (memory.peakBytes() >> 20) + " MiB").orElse("unknown");
  }

  static Optional<ProcessMemory> parse(String status) {
    OptionalLong resident = bytes("VmRSS", status);
    OptionalLong peak = bytes("VmHWM", status);
    return resident.isPresent() && peak.isPresent()
        ? Optional.of(new ProcessMemory(resident.getAsLong(), peak.getAsLong()))
        : Optional.empty();
  }

  private static OptionalLong bytes(String field, String status) {
    Matcher line = Pattern.compile("(?m)^" + field + ":\\s+(\\d+) kB$").matcher(status);
    return line.find()
        ? OptionalLong.of(Long.parseLong(line.group(1)) * 1024)
        : OptionalLong.empty();
  }
}
