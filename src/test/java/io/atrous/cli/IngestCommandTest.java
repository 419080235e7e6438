package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code atrous ingest} refuses, before it asks for a cluster. */
@Timeout(60)
final class IngestCommandTest {

  @TempDir Path directory;

  private CommandRun ingest(String... arguments) throws IOException {
    Path file = directory.resolve("cameras.properties");
    Files.writeString(
        file,
        """
        bootstrap.servers=127.0.0.1:1
        schema.registry.url=http://127.0.0.1:1
        frames.topics=frames
        camera.gate.url=rtsp://u:S3CRET@127.0.0.1:1/
        """);
    List<String> all = new ArrayList<>(List.of("ingest", "--config", file.toString()));
    all.addAll(List.of(arguments));
    return CommandRun.of(all.toArray());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--camera=gate=/dev/video0 | The camera 'gate' is given twice",
        "--camera=rtsp://x | --camera takes NAME=URL",
        "--camera=yard=gopher://u:S3CRET@x | 'camera.yard.url': 'gopher://' is not known",
        "--set=camera.gate.fps=0 | 'camera.gate.fps'",
        "--set=camera.gate.fsp=1 | did you mean 'camera.gate.fps'",
        "--set=ingest.ffmpeg=no-such-ffmpeg | There is no program 'no-such-ffmpeg'"
      })
  void badInputIsOneSentence(String argument, String sentence) throws IOException {
    CommandRun run = ingest(argument);

    assertThat(run.exitCode()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err()).startsWith("atrous: ").contains(sentence).hasLineCount(1);
    assertThat(run.err()).doesNotContain("S3CRET");
  }
}
