package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileWatchTest {

  @TempDir Path directory;

  private Path file;
  private FileWatch watch;

  @BeforeEach
  void watch() throws IOException {
    file = Files.writeString(directory.resolve("model"), "one");
    watch = new FileWatch(file.toString());
  }

  @Test
  void aFileThatStaysHasNotChanged() {
    assertThat(watch.hasChanged()).isFalse();
    assertThat(watch.hasChanged()).isFalse();
  }

  @Test
  void aChangeIsTakenOnceAndOnlyWhenTheFileIsStable() throws IOException {
    Files.writeString(file, "two, half");
    assertThat(watch.hasChanged()).as("it may still be written").isFalse();
    Files.writeString(file, "two, the whole");
    assertThat(watch.hasChanged()).as("it was still written").isFalse();

    assertThat(watch.hasChanged()).isTrue();
    assertThat(watch.hasChanged()).isFalse();
  }

  @Test
  void aSwappedLinkAboveTheFileIsAChange() throws IOException {
    Path first = Files.createDirectory(directory.resolve("1"));
    Path second = Files.createDirectory(directory.resolve("2"));
    Files.writeString(first.resolve("model"), "one");
    Files.writeString(second.resolve("model"), "two");
    Path data = Files.createSymbolicLink(directory.resolve("data"), first);
    FileWatch linked = new FileWatch(data.resolve("model").toString());

    Files.delete(data);
    assertThat(linked.hasChanged()).isFalse();
    Files.createSymbolicLink(data, second);
    assertThat(linked.hasChanged()).isFalse();

    assertThat(linked.hasChanged()).isTrue();
  }
}
