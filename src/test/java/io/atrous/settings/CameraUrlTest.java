package io.atrous.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.settings.CameraUrl.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CameraUrlTest {

  @ParameterizedTest
  @CsvSource({
    "rtsp://camera.example/stream, RTSP",
    "RTSPS://10.0.0.7:322/Streaming/Channels/101, RTSP",
    "rtsp://[fe80::1]:554/a, RTSP",
    "http://camera.example:8080/video?fps=5, HTTP",
    "https://camera.example/live/index.m3u8?token=a, PLAYLIST",
    "http://camera.example, HTTP",
    "/dev/video0, DEVICE",
    "file:///films/street.mp4, PATH",
    "films/street.mp4, PATH",
    "'C:films, with spaces', PATH"
  })
  void anAddressSaysHowPicturesAreHad(String text, Kind kind) {
    assertThat(CameraUrl.parse(text).kind()).isEqualTo(kind);
  }

  @Test
  void whatMayBeSecretIsNotShown() {
    CameraUrl url = CameraUrl.parse("rtsp://admin:p@ss%21:w@10.0.0.7:554/h264?auth=tok3n&x=1");

    assertThat(url).hasToString("rtsp://***@10.0.0.7:554/h264?***");
    assertThat(url.secrets()).contains("admin:p@ss%21:w", "p@ss%21:w", "p@ss!:w", "auth=tok3n&x=1");
    assertThat(url.text()).isEqualTo("rtsp://admin:p@ss%21:w@10.0.0.7:554/h264?auth=tok3n&x=1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "rtmp://u:S3CRET@camera/live | 'rtmp://' is not known",
        "rtsp://u:S3CRET@/live | it is no address",
        "rtsp://u:S3CRET@camera:0/live | port 0",
        "rtsp://u:S3CRET@camera:70000/live | port 70000",
        "rtsp://u:S3CRET@camera:x/live | it is no address",
        "rtsp://u:S3/CRET@camera/live | it is no address",
        "http://u:S3CRET@camera/a b | space",
        "rtsp:// | it is no address",
        "-i | begins with a dash"
      })
  void whatIsNoAddressIsRefusedWithoutItsSecrets(String text, String reason) {
    assertThatThrownBy(() -> CameraUrl.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason)
        .message()
        .doesNotContain("S3", "CRET");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "http://camera/\u0000", "films/\u0000"})
  void whatNoPathOrAddressHoldsIsRefused(String text) {
    assertThatThrownBy(() -> CameraUrl.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
