package io.atrous.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.payload.AllowedPrefix;
import io.atrous.settings.CameraSettings.Size;
import io.atrous.settings.CameraSettings.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IngestConfigTest {

  private static final Map<String, String> REQUIRED =
      Map.of(
          "bootstrap.servers", "localhost:9092",
          "schema.registry.url", "http://localhost:8081",
          "frames.topics", "frames",
          "camera.gate.url", "rtsp://u:S3CRET@gate.example/live");

  @TempDir Path directory;

  private static IngestConfig with(String... keysAndValues) {
    Map<String, String> settings = new HashMap<>(REQUIRED);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return IngestConfig.of(settings);
  }

  @Test
  void aCameraNeedsItsAddressAlone() {
    CameraSettings gate = with().cameras().get(0);

    assertThat(gate.name()).isEqualTo("gate");
    assertThat(gate.framesPerSecond()).isNull();
    assertThat(gate.size()).isNull();
    assertThat(gate.transport()).isEqualTo(Transport.TCP);
    assertThat(gate.arguments()).isEmpty();
    assertThat(gate.loops()).isFalse();
    assertThat(gate).hasToString("gate at rtsp://***@gate.example/live");
  }

  @Test
  void eachKeyOfACameraArrives() {
    CameraSettings gate =
        with(
                "camera.gate.fps", "2.5",
                "camera.gate.size", "640x360",
                "camera.gate.transport", "udp",
                "camera.gate.args", "-headers 'X: 1 2' -probesize \"32\"",
                "camera.gate.loop", "true")
            .cameras()
            .get(0);

    assertThat(gate.framesPerSecond()).isEqualTo(2.5);
    assertThat(gate.size()).isEqualTo(new Size(640, 360));
    assertThat(gate.transport()).isEqualTo(Transport.UDP);
    assertThat(gate.arguments()).containsExactly("-headers", "X: 1 2", "-probesize", "32");
    assertThat(gate.loops()).isTrue();
  }

  @Test
  void whatHoldsForAllCamerasArrives() {
    IngestConfig config =
        with(
            "camera.stall.ms", "4000",
            "camera.restart.ms", "11",
            "camera.restart.max.ms", "22",
            "camera.buffer.frames", "33",
            "frames.max.bytes", "44",
            "ingest.ffmpeg", "/opt/ffmpeg",
            "ingest.references.prefix", "file:///frames",
            "ingest.references.above.bytes", "55",
            "web.listen", "none");

    assertThat(IngestKeys.policy(config))
        .isEqualTo(
            new CameraPolicy(
                Duration.ofSeconds(4), Duration.ofMillis(11), Duration.ofMillis(22), 33, 44));
    assertThat(config.getString(IngestKeys.FFMPEG)).isEqualTo("/opt/ffmpeg");
    assertThat(IngestKeys.referencesPrefix(config).map(AllowedPrefix::toString))
        .contains("file:///frames");
    assertThat(config.getInt(IngestKeys.REFERENCES_ABOVE_BYTES)).isEqualTo(55);
    assertThat(WebKeys.listen(config)).isEmpty();
    assertThat(IngestKeys.referencesPrefix(with())).isEmpty();
  }

  @Test
  void otherKeysOfTheServiceAreLeftAlone() {
    assertThat(with("application.id", "a", "model.file", "b", "batch.max.size", "4").cameras())
        .hasSize(1);
  }

  @Test
  void camerasComeFromTheCommandLineToo() {
    Map<String, String> settings = new HashMap<>(REQUIRED);

    CameraKeys.add(List.of("yard=http://yard.example/?a=b"), settings);

    assertThat(IngestConfig.of(settings).cameras())
        .extracting(CameraSettings::name)
        .containsExactly("gate", "yard");
    assertThatThrownBy(() -> CameraKeys.add(List.of("gate=/dev/video0"), settings))
        .isInstanceOf(ConfigException.class)
        .hasMessage("The camera 'gate' is given twice; keep one of them");
    assertThatThrownBy(() -> CameraKeys.add(List.of("rtsp://camera"), settings))
        .hasMessageContaining("--camera takes NAME=URL");
  }

  @Test
  void aFileThatHasACameraTwiceIsRefused() throws IOException {
    Path file = directory.resolve("cameras.properties");
    Files.writeString(
        file, "camera.gate.url=/a\nmasks.topic=m\nmasks.topic=n\ncamera.gate.url=/b\n");

    assertThatThrownBy(() -> ServiceConfig.merge(file, Map.of(), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'camera.gate.url' twice");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "camera.gate.ulr | x | did you mean 'camera.gate.url'",
        "camera.yard.fps | 5 | The camera 'yard' has no address: set 'camera.yard.url'",
        "camera.a.b.url | /a | 'camera.a.b.url': a camera's name",
        "camera.ga te.url | /a | a camera's name",
        "camera.stal.ms | 5 | Unknown key 'camera.stal.ms'",
        "camera.url | /a | Unknown key 'camera.url'",
        "camera.gate.fps | 0 | 'camera.gate.fps': '0' is no number",
        "camera.gate.fps | -1 | 'camera.gate.fps'",
        "camera.gate.fps | NaN | 'camera.gate.fps'",
        "camera.gate.fps | fast | 'camera.gate.fps'",
        "camera.gate.fps | 1e9 | 'camera.gate.fps'",
        "camera.gate.size | 640 | 'camera.gate.size': '640' is no size",
        "camera.gate.size | 0x1 | 'camera.gate.size'",
        "camera.gate.transport | TCP/IP | 'camera.gate.transport'",
        "camera.gate.args | -a 'b | 'camera.gate.args': a quote",
        "camera.gate.args | -a b'c' | 'camera.gate.args': a quote",
        "camera.gate.loop | yes | 'camera.gate.loop'",
        "camera.gate.url | gopher://u:S3CRET@x | 'camera.gate.url': 'gopher://' is not known",
        "camera.restart.ms | 40000 | 'camera.restart.max.ms' must be at least",
        "camera.stall.ms | 0 | camera.stall.ms",
        "frames.topics | a, b | Set 'frames.topics' to the one topic",
        "ingest.references.prefix | file:/// | 'ingest.references.prefix'",
        "ingest.ffmpg | x | did you mean 'ingest.ffmpeg'",
        "streams.producer.acks | 1 | can't be set"
      })
  void badInputIsRefusedInOneSentenceThatNamesIt(String key, String value, String sentence) {
    assertThatThrownBy(() -> with(key, value))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(sentence)
        .message()
        .doesNotContain("S3CRET");
  }

  @Test
  void noCameraAtAllIsRefused() {
    Map<String, String> settings = new HashMap<>(REQUIRED);
    settings.remove("camera.gate.url");

    assertThatThrownBy(() -> IngestConfig.of(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("There is no camera: set 'camera.NAME.url'");
  }

  @Test
  void anAddressMayLieElsewhereAndStaysSecretInMessages() throws IOException {
    Path file = directory.resolve("secrets.properties");
    Files.writeString(file, "gate=rtsp://u:S3CRET@gate.example/live\nbad=rtmp://u:S3CRET@x\n");

    assertThat(with("camera.gate.url", "${file:" + file + ":gate}").cameras().get(0).url().text())
        .isEqualTo("rtsp://u:S3CRET@gate.example/live");
    assertThatThrownBy(() -> with("camera.gate.url", "${file:" + file + ":bad}"))
        .isInstanceOf(ConfigException.class)
        .message()
        .doesNotContain("S3CRET");
  }
}
