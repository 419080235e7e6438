package io.atrous.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ConfigurationPageTest {

  private static final Path PAGE = Path.of("docs", "configuration.md");

  /** Run with {@code -Datrous.render=true} to write the page anew. */
  @Test
  void thePageSaysWhatTheCodeSays() throws IOException {
    if (Boolean.getBoolean("atrous.render")) {
      Files.writeString(PAGE, ConfigurationPage.render());
    }

    assertThat(PAGE).hasContent(ConfigurationPage.render());
  }
}
