package io.atrous.cli;

import io.atrous.event.DeadLetterReason;
import io.atrous.event.UntrustedText;
import io.atrous.watch.CameraFigures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Draws the figures of cameras as lines that fit into a terminal. Where it is narrow, the columns
 * that matter least are left out; where it is low, cameras are, and a line says how many.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class WatchTable {

  private static final String NO_CAMERA = "(no camera)";
  private static final String NOT_KNOWN = "-";
  private static final int MAX_CAMERA_CHARS = 24;
  private static final int MIN_BAR_CELLS = 8;
  private static final int MAX_BAR_CELLS = 60;

  /** A column, what matters most first; its title is as wide as its values. */
  private enum Column {
    FRAMES(" frames/s"),
    MEDIAN("  p50 ms"),
    DEAD_LETTERS(" dead letters"),
    P95("  p95 ms"),
    REGIONS(" regions/s");

    private final String title;

    Column(String title) {
      this.title = title;
    }

    String value(CameraFigures figures) {
      return switch (this) {
        case FRAMES -> perSecond(figures.framesPerSecond());
        case MEDIAN -> millis(figures.latency(), CameraFigures.Latency::median);
        case DEAD_LETTERS -> String.valueOf(figures.deadLetterCount());
        case P95 -> millis(figures.latency(), CameraFigures.Latency::p95);
        case REGIONS -> perSecond(figures.regionsPerSecond());
      };
    }
  }

  private final ClassBar bar;

  WatchTable(boolean colours) {
    this.bar = new ClassBar(colours);
  }

  /**
   * Draws them.
   *
   * @param columns characters across
   * @param rows lines at most
   */
  List<String> lines(List<CameraFigures> cameras, int columns, int rows) {
    int nameChars =
        cameras.stream()
            .mapToInt(c -> Math.min(name(c).length(), MAX_CAMERA_CHARS))
            .max()
            .orElse(6);
    nameChars = Math.max(1, Math.min(Math.max(nameChars, 6), columns / 2));
    List<Column> shown = new ArrayList<>();
    int used = nameChars;
    for (Column column : Column.values()) {
      if (used + column.title.length() <= columns) {
        shown.add(column);
        used += column.title.length();
      }
    }
    int cells = Math.min(columns - used - 2, MAX_BAR_CELLS);
    boolean bars = cells >= MIN_BAR_CELLS;
    List<String> lines = new ArrayList<>();
    StringBuilder title = new StringBuilder(fitted("camera", nameChars));
    shown.forEach(column -> title.append(column.title));
    lines.add(title + (bars ? "  classes" : ""));
    List<String> footer = footer(cameras, columns);
    int room = Math.max(0, rows - 1 - footer.size() - (bars ? 1 : 0));
    // The line that counts the rest takes a place, too.
    int fitting = cameras.size() <= room ? cameras.size() : Math.max(0, room - 1);
    for (CameraFigures camera : cameras.subList(0, fitting)) {
      StringBuilder line = new StringBuilder(fitted(name(camera), nameChars));
      for (Column column : shown) {
        line.append(aligned(column.value(camera), column.title.length()));
      }
      lines.add(line + (bars ? "  " + bar.of(camera.classes(), cells) : ""));
    }
    if (fitting < cameras.size()) {
      lines.add(cut("and %d more cameras".formatted(cameras.size() - fitting), columns));
    }
    lines.addAll(footer);
    if (bars) {
      lines.add(bar.legend(columns));
    }
    return lines.size() <= rows ? lines : lines.subList(0, Math.max(0, rows));
  }

  private static List<String> footer(List<CameraFigures> cameras, int columns) {
    Map<DeadLetterReason, Long> letters = new EnumMap<>(DeadLetterReason.class);
    for (CameraFigures camera : cameras) {
      camera.deadLetters().forEach((reason, count) -> letters.merge(reason, count, Long::sum));
    }
    if (letters.isEmpty()) {
      return List.of();
    }
    String reasons =
        letters.entrySet().stream()
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .map(reason -> reason.getKey() + " " + reason.getValue())
            .collect(Collectors.joining(", ", "dead letters: ", ""));
    return List.of(cut(reasons, columns));
  }

  private static String name(CameraFigures camera) {
    String id = camera.camera();
    return id == null ? NO_CAMERA : UntrustedText.oneLine(id);
  }

  private static String fitted(String text, int chars) {
    String cut = cut(text, chars);
    return cut + " ".repeat(chars - cut.length());
  }

  /** By a tilde at its end one sees that it goes on. */
  private static String cut(String text, int chars) {
    if (text.length() <= chars) {
      return text;
    }
    int end = Math.max(0, chars - 1);
    boolean splitsPair = end > 0 && Character.isHighSurrogate(text.charAt(end - 1));
    return text.substring(0, splitsPair ? end - 1 : end)
        + "~".repeat(Math.min(chars, splitsPair ? 2 : 1));
  }

  private static String aligned(String value, int chars) {
    return " ".repeat(Math.max(1, chars - value.length())) + value;
  }

  private static String millis(
      CameraFigures.@Nullable Latency latency, Function<CameraFigures.Latency, Duration> part) {
    return latency == null ? NOT_KNOWN : String.valueOf(part.apply(latency).toMillis());
  }

  private static String perSecond(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
