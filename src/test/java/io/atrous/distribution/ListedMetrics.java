package io.atrous.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What docs/metrics.md lists, to hold PromQL expressions against.
 *
 * @param labels the labels of each metric
 * @param prefixes the beginnings of metrics that are not listed one by one, such as {@code
 *     jvm_memory_}
 */
record ListedMetrics(Map<String, Set<String>> labels, Set<String> prefixes) {

  private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| (\\w+) \\| ([^|]*) \\|.*");
  private static final Pattern CODE = Pattern.compile("`(\\w+)`");
  private static final Pattern PREFIX = Pattern.compile("`(\\w+_)\\*`");

  /** Metrics and labels that Prometheus and its operator add to what they scrape. */
  private static final String UP = "up";

  private static final Set<String> SCRAPED_LABELS = Set.of("instance", "job", "pod", "le");

  private static final Pattern STRING = Pattern.compile("\"[^\"]*\"");
  private static final Pattern RANGE = Pattern.compile("\\[[^\\]]*\\]");
  private static final Pattern SELECTOR = Pattern.compile("\\{([^}]*)\\}");
  private static final Pattern GROUPING =
      Pattern.compile("\\b(?:by|without|on|ignoring)\\s*\\(([^)]*)\\)");
  private static final Pattern WORD = Pattern.compile("\\b[a-z_]\\w*\\b(?!\\s*\\()");
  private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "by", "without");

  /** Reads the page. */
  static ListedMetrics read() throws IOException {
    Map<String, Set<String>> labels = new HashMap<>();
    Set<String> prefixes = new HashSet<>();
    for (String line : Files.readAllLines(Path.of("docs", "metrics.md"))) {
      var row = ROW.matcher(line);
      if (row.matches()) {
        Set<String> own =
            CODE.matcher(row.group(3))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
        for (String suffix : suffixes(row.group(2))) {
          labels.put(row.group(1) + suffix, own);
        }
      }
      PREFIX.matcher(line).results().forEach(found -> prefixes.add(found.group(1)));
      if (line.contains("_*`")) {
        CODE.matcher(line).results().forEach(found -> prefixes.add(found.group(1)));
      }
    }
    return new ListedMetrics(labels, prefixes);
  }

  private static List<String> suffixes(String type) {
    return type.equals("histogram") ? List.of("_bucket", "_sum", "_count") : List.of("");
  }

  /** Checks that an expression asks for metrics that there are, by labels that they have. */
  void check(String expression) {
    String plain = RANGE.matcher(STRING.matcher(expression).replaceAll("")).replaceAll("");
    Set<String> metrics =
        words(GROUPING.matcher(SELECTOR.matcher(plain).replaceAll("")).replaceAll(""));
    assertThat(metrics).as(expression).isNotEmpty();
    Set<String> known = new TreeSet<>(SCRAPED_LABELS);
    boolean allListed = true;
    for (String metric : metrics) {
      boolean listed = labels.containsKey(metric);
      assertThat(listed || metric.equals(UP) || prefixes.stream().anyMatch(metric::startsWith))
          .as("%s in %s", metric, expression)
          .isTrue();
      known.addAll(labels.getOrDefault(metric, Set.of()));
      allListed &= listed;
    }
    if (allListed) {
      assertThat(known).as(expression).containsAll(labelsIn(plain));
    }
  }

  private static Set<String> labelsIn(String expression) {
    Set<String> used = new TreeSet<>();
    SELECTOR
        .matcher(expression)
        .results()
        .forEach(
            found ->
                Arrays.stream(found.group(1).split(",", -1))
                    .forEach(matcher -> used.addAll(words(matcher))));
    GROUPING.matcher(expression).results().forEach(found -> used.addAll(words(found.group(1))));
    return used;
  }

  private static Set<String> words(String text) {
    Set<String> words =
        WORD.matcher(text)
            .results()
            .map(MatchResult::group)
            .collect(Collectors.toCollection(TreeSet::new));
    words.removeAll(OPERATORS);
    return words;
  }
}
