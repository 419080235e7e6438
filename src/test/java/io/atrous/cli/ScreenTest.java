package io.atrous.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a terminal is told. */
final class ScreenTest {

  @Test
  void isDrawnOverAndGivenBackAtTheEnd() {
    StringWriter out = new StringWriter();

    try (Screen screen = new Screen(new PrintWriter(out))) {
      screen.draw(List.of("first", "second"));
      screen.draw(List.of("third"));
    }

    assertThat(out)
        .hasToString(
            "\u001b[?1049h\u001b[?25l"
                + "\u001b[Hfirst\u001b[K\r\nsecond\u001b[K\u001b[J"
                + "\u001b[Hthird\u001b[K\u001b[J"
                + "\u001b[?25h\u001b[?1049l");
  }
}
