package io.atrous.distribution;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * The launcher's lists, {@code bin/environment} and {@code bin/jvm.options}, and what the build
 * says again.
 */
class EnvironmentTest {

  @Test
  void testsRunInTheEnvironmentOfTheLauncher() throws Exception {
    Map<String, String> launcher =
        lines("bin/environment")
            .map(line -> line.split("=", 2))
            .collect(toMap(pair -> pair[0], pair -> pair[1]));
    NodeList variables = pom("environmentVariables");

    assertThat(variables.getLength()).isPositive();
    for (int i = 0; i < variables.getLength(); i++) {
      Node variable = variables.item(i);
      if (variable.getNodeType() == Node.ELEMENT_NODE) {
        assertThat(launcher).containsEntry(variable.getNodeName(), variable.getTextContent());
      }
    }
  }

  @Test
  void testsRunWithTheLaunchersJvmOptions() throws Exception {
    assertThat(lines("bin/jvm.options"))
        .contains(
            pom("test.jvm.arguments").item(0).getTextContent(),
            "-Dai.djl.offline=" + pom("ai.djl.offline").item(0).getTextContent());
  }

  private static Stream<String> lines(String file) throws IOException {
    return Files.readAllLines(Path.of(file)).stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"));
  }

  /** What an element of the build's description holds. */
  private static NodeList pom(String element) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(Path.of("pom.xml").toFile())
        .getElementsByTagName(element)
        .item(0)
        .getChildNodes();
  }
}
