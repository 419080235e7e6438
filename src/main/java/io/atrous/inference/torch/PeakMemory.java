package io.atrous.inference.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The most physical memory that this process ever held, native memory included. */
final class PeakMemory {

  private static final Pattern HIGH_WATER_MARK = Pattern.compile("VmHWM:\\s+(\\d+) kB");

  private PeakMemory() {}

  /** In bytes; empty where the system doesn't tell as Linux does. */
  static OptionalLong bytes() {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return OptionalLong.empty();
    }
    try {
      return parse(Files.readString(status));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  static OptionalLong parse(String status) {
    Matcher mark = HIGH_WATER_MARK.matcher(status);
    return mark.find()
        ? OptionalLong.of(Long.parseLong(mark.group(1)) * 1024)
        : OptionalLong.empty();
  }
}
