package io.atrous.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pom that readers of the example get. */
final class AlertsPomTest {

  private static final Pattern VERSION = Pattern.compile("<([\\w.-]+\\.version)>([^<]+)</\\1>");
  private static final Pattern ATROUS =
      Pattern.compile("<artifactId>atrous</artifactId>\\s*<version>([^<]+)</version>");

  @Test
  void itsVersionsAreThoseThatItIsTestedWithHere() throws IOException {
    String own = Files.readString(Path.of("pom.xml"));
    String example = Files.readString(Path.of("examples", "alerts", "pom.xml"));

    assertThat(versions(own)).containsAllEntriesOf(versions(example));
    assertThat(first(ATROUS, example)).isEqualTo(first(ATROUS, own));
  }

  private static Map<String, String> versions(String pom) {
    Map<String, String> versions = new TreeMap<>();
    Matcher found = VERSION.matcher(pom);
    while (found.find()) {
      versions.put(found.group(1), found.group(2));
    }
    return versions;
  }

  private static String first(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    assertThat(found.find()).isTrue();
    return found.group(1);
  }
}
