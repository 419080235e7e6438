package io.atrous.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The decoders of other languages, run against the masks that {@code ExampleMasksTest} keeps. */
final class MaskDecodersTest {

  @Test
  void thatOfPythonReadsEveryMaskAndRefusesDamage() throws IOException {
    ExternalProgram python = ExternalProgram.python();
    python.assume("python3 is not here", "--version");

    ExternalProgram.Result result =
        python.run(Path.of("examples", "python"), "-m", "unittest", "-v");

    assertThat(result.exitCode()).as(result.said()).isZero();
    assertThat(result.said()).contains("Ran 2 tests");
  }

  @Test
  void thatOfJavaScriptReadsEveryMaskAndRefusesDamage() throws IOException {
    ExternalProgram node = ExternalProgram.node();
    node.assume("Node 18 or newer is not here", "--test", "--version");

    ExternalProgram.Result result = node.run(Path.of("examples", "javascript"), "--test");

    assertThat(result.exitCode()).as(result.said()).isZero();
    assertThat(result.said()).containsPattern("fail 0").containsPattern("pass [1-9]\\d+");
  }
}
