package io.atrous.settings;

import java.util.Collection;
import java.util.Comparator;

/** Finds what a misspelt key probably meant. */
final class NearestKey {

  private NearestKey() {}

  /** The known key with the least edit distance; the first in order among equals. */
  static String to(String key, Collection<String> known) {
    return known.stream()
        .sorted()
        .min(Comparator.comparingInt(candidate -> editDistance(key, candidate)))
        .orElseThrow();
  }

  /** Levenshtein's distance. */
  static int editDistance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(substitution, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
