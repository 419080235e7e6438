package io.atrous.chaos;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the check of a guarantee has found.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param guarantee its name
 * @param violations the number of times that it was broken, by the ways in which it can be
 * @param offenders the first few of each, in words
 */
public record Verdict(String guarantee, Map<String, Long> violations, List<String> offenders) {

  public Verdict {
    violations = Collections.unmodifiableMap(new LinkedHashMap<>(violations));
    offenders = List.copyOf(offenders);
  }

  /** Returns whether the guarantee held. */
  public boolean kept() {
    return violations.values().stream().allMatch(count -> count == 0);
  }

  /** Returns how often it was broken in one way. */
  public long count(String violation) {
    Long count = violations.get(violation);
    if (count == null) {
      throw new IllegalArgumentException(guarantee + " knows no violation '" + violation + "'");
    }
    return count;
  }

  /** In one line, and one more for each offender. */
  @Override
  public String toString() {
    String counts =
        violations.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(joining(", "));
    String lines = offenders.stream().map(offender -> "\n    " + offender).collect(joining());
    return guarantee + (kept() ? " held: " : " BROKEN: ") + counts + lines;
  }

  /**
   * Counts violations and remembers the first few.
   *
   * <p><b>Threading:</b> confined to one check.
   */
  static final class Findings {

    private static final int OFFENDERS_NAMED = 5;

    private final Map<String, Long> violations = new LinkedHashMap<>();
    private final List<String> offenders = new ArrayList<>();

    /**
     * @param kinds the ways in which the guarantee can be broken
     */
    Findings(String... kinds) {
      for (String kind : kinds) {
        violations.put(kind, 0L);
      }
    }

    void add(String kind, String offender) {
      long count = violations.merge(kind, 1L, Long::sum);
      if (count <= OFFENDERS_NAMED) {
        offenders.add(kind + ": " + offender);
      }
    }

    Verdict verdict(Guarantee guarantee) {
      return new Verdict(guarantee.getClass().getSimpleName(), violations, offenders);
    }
  }
}
