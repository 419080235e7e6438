package io.atrous.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextFileTest {

  private static final int MAX_BYTES = 64;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"", "road\nStraße\r\n", "道路 \uD83D\uDE97", "a\uFEFFb"})
  void readsUtf8WithAndWithoutAByteOrderMark(String text) throws IOException {
    assertThat(read(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
    assertThat(read(("\uFEFF" + text).getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "UTF-16LE, true, 'it is UTF-16, not UTF-8; save it as UTF-8'",
    "UTF-16BE, true, 'it is UTF-16, not UTF-8; save it as UTF-8'",
    "UTF-32LE, true, 'it is UTF-32, not UTF-8; save it as UTF-8'",
    "UTF-32BE, true, 'it is UTF-32, not UTF-8; save it as UTF-8'",
    "UTF-16LE, false, 'it is UTF-16, or no text, at byte 2 (0x00, line 1); save it as UTF-8'",
    "UTF-16BE, false, 'it is UTF-16, or no text, at byte 1 (0x00, line 1); save it as UTF-8'",
    "ISO-8859-1, false, 'it is not UTF-8 at byte 7 (0xFC, line 2); save it as UTF-8'",
  })
  void saysWhatAFileInAnotherEncodingIs(Charset encoding, boolean marked, String sentence) {
    String text = (marked ? "\uFEFF" : "") + "road\ntür\n";

    assertThatThrownBy(() -> read(text.getBytes(encoding)))
        .isInstanceOf(TextFileException.class)
        .hasMessage(sentence);
  }

  @Test
  void refusesHalfACharacterAtTheEnd() {
    assertThatThrownBy(() -> read(new byte[] {'a', (byte) 0xC3}))
        .hasMessageStartingWith("it is not UTF-8 at byte 2 (0xC3, line 1)");
  }

  @Test
  void refusesWhatIsNotThereOrTooLargeOrNoFile() {
    assertThatThrownBy(() -> TextFile.read(directory.resolve("none"), MAX_BYTES))
        .isInstanceOf(TextFileException.class)
        .hasMessage("there is no such file");
    assertThatThrownBy(() -> read(new byte[MAX_BYTES + 1])).hasMessage("it has more than 64 bytes");
    assertThatThrownBy(() -> TextFile.read(directory, MAX_BYTES))
        .isInstanceOf(TextFileException.class)
        .hasMessage("Is a directory");
  }

  private String read(byte[] bytes) throws IOException {
    return TextFile.read(
        Files.write(Files.createTempFile(directory, "text", ".txt"), bytes), MAX_BYTES);
  }
}
