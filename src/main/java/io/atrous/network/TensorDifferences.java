package io.atrous.network;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What is wrong with the tensors of a file, in words. */
public final class TensorDifferences {

  private static final int NAMED_PER_KIND = 10;

  private TensorDifferences() {}

  /**
   * Compares tensors by name and shape.
   *
   * @param expected shapes by name
   * @param found shapes by name
   * @return the names that are missing, not expected, or of another shape, with the shapes; empty
   *     if there are none
   */
  public static String between(
      Map<String, List<Integer>> expected, Map<String, List<Integer>> found) {
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    List<String> extra = new ArrayList<>();
    new TreeMap<>(expected)
        .forEach(
            (name, shape) -> {
              List<Integer> other = found.get(name);
              if (other == null) {
                missing.add(name + " " + shape);
              } else if (!other.equals(shape)) {
                misshapen.add(name + " is " + other + " instead of " + shape);
              }
            });
    new TreeMap<>(found)
        .forEach(
            (name, shape) -> {
              if (!expected.containsKey(name)) {
                extra.add(name + " " + shape);
              }
            });
    List<String> clauses = new ArrayList<>();
    name(clauses, "missing: ", missing);
    name(clauses, "not part of it: ", extra);
    name(clauses, "misshapen: ", misshapen);
    return String.join("; ", clauses);
  }

  private static void name(List<String> clauses, String what, Collection<String> tensors) {
    if (!tensors.isEmpty()) {
      int more = tensors.size() - NAMED_PER_KIND;
      clauses.add(
          tensors.stream()
              .limit(NAMED_PER_KIND)
              .collect(Collectors.joining(", ", what, more > 0 ? " and " + more + " more" : "")));
    }
  }
}
