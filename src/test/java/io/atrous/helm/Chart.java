package io.atrous.helm;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The chart, rendered by Helm.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class Chart {

  static final Path FOLDER = Path.of("helm", "atrous");
  static final Path VALUES = FOLDER.resolve("values.yaml");
  static final Path SCHEMA = FOLDER.resolve("values.schema.json");
  static final Path README = FOLDER.resolve("README.md");

  static final String RELEASE = "cams";
  static final String NAMESPACE = "vision";

  private static final String KUBERNETES = "1.34.0";

  private Chart() {}

  /** The values files of ci, one for each feature. */
  static List<Path> ciFiles() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER.resolve("ci"))) {
      return files.filter(file -> file.toString().endsWith("-values.yaml")).sorted().toList();
    }
  }

  static Path ciFile(String feature) {
    return FOLDER.resolve("ci").resolve(feature + "-values.yaml");
  }

  static LintResult lint() {
    return new Helm(FOLDER).lint().strict().call();
  }

  /**
   * Renders the chart.
   *
   * @param values files of values, later ones over earlier ones
   * @throws IllegalStateException with Helm's message if the chart refuses the values
   */
  static Manifests render(Path... values) throws IOException {
    TemplateCommand template =
        new Helm(FOLDER)
            .template()
            .withName(RELEASE)
            .withNamespace(NAMESPACE)
            .withKubeVersion(KUBERNETES);
    for (Path file : values) {
      template.withValuesFile(file.toAbsolutePath());
    }
    return Manifests.parse(template.call());
  }
}
