package io.atrous.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What processes do with it is CacheDirectoryProcessTest's. */
class CacheDirectoryTest {

  private static final String UNKNOWN_USER = "?";

  @TempDir private Path directory;
  private Path home;
  private Path temporary;

  @BeforeEach
  void makeFolders() throws IOException {
    home = Files.createDirectory(directory.resolve("home"));
    temporary = Files.createDirectory(directory.resolve("tmp"));
  }

  @Test
  void theVariableGoesFirstThenTheDesktopsThenHome() {
    String ours = directory.resolve("ours").toString();
    String desktops = directory.resolve("desktop's").toString();

    assertThat(
            choose(
                Map.of(
                    "ATROUS_CACHE_DIR", ours, "XDG_CACHE_HOME", desktops, "HOME", home.toString())))
        .isEqualTo(Path.of(ours));
    assertThat(choose(Map.of("XDG_CACHE_HOME", desktops, "HOME", home.toString())))
        .isEqualTo(Path.of(desktops, "atrous"));
    assertThat(choose(Map.of("HOME", home.toString()))).isEqualTo(home.resolve(".cache/atrous"));
    assertThat(CacheDirectory.choose(Map.of(), home.toString(), temporary).path())
        .isEqualTo(home.resolve(".cache/atrous"));
  }

  @Test
  void whatItMakesIsForThisUserAlone() throws IOException {
    Path made = choose(Map.of("HOME", home.toString()));

    for (Path folder : new Path[] {made, made.getParent(), made.resolve("pytorch")}) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
          .as("%s", folder)
          .isEqualTo("rwx------");
    }
  }

  @Test
  void anEmptyVariableIsNone() {
    assertThat(
            choose(Map.of("ATROUS_CACHE_DIR", "", "XDG_CACHE_HOME", "", "HOME", home.toString())))
        .isEqualTo(home.resolve(".cache/atrous"));
  }

  @Test
  void aPlaceThatCanNotBeWrittenIsPassedOver() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    assertThat(choose(Map.of("XDG_CACHE_HOME", file.toString(), "HOME", home.toString())))
        .isEqualTo(home.resolve(".cache/atrous"));
  }

  @Test
  void withoutAHomeItIsADirectoryOfThisProcessAlone() throws IOException {
    for (String none : new String[] {UNKNOWN_USER, "", directory.resolve("none").toString()}) {
      Path chosen = choose(Map.of("HOME", none));

      assertThat(chosen.getParent()).as("HOME=%s", none).isEqualTo(temporary);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(chosen)))
          .isEqualTo("rwx------");
    }
    assertThat(choose(Map.of()).getParent()).isEqualTo(temporary);
    assertThat(choose(Map.of("XDG_CACHE_HOME", "relative")).getParent()).isEqualTo(temporary);
    assertThat(directory.resolve("none")).doesNotExist();
    assertThat(Path.of(UNKNOWN_USER)).doesNotExist();
  }

  @Test
  void whatAKilledProcessLeftGoesWithTheNextStart() throws IOException {
    Path left = Files.createDirectory(temporary.resolve("atrous-cache-1"));
    Files.createFile(left.resolve("in-use"));
    Files.writeString(Files.createDirectory(left.resolve("pytorch")).resolve("libtorch.so"), "");
    Path foreign = Files.createDirectory(temporary.resolve("atrous-cache-of-something-else"));

    Path chosen = choose(Map.of());

    try (Stream<Path> directories = Files.list(temporary)) {
      assertThat(directories).containsExactlyInAnyOrder(chosen, foreign);
    }
  }

  @Test
  void oneSentenceSaysThatTheDirectoryThatWasNamedCanNotBeWritten() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    assertThatThrownBy(
            () ->
                choose(
                    Map.of(
                        "ATROUS_CACHE_DIR",
                        file.resolve("cache").toString(),
                        "HOME",
                        home.toString())))
        .isInstanceOf(CacheDirectoryException.class)
        .hasMessageStartingWith("ATROUS_CACHE_DIR must name a directory that this user can write: ")
        .hasMessageContaining(file.toString());
    assertThatThrownBy(() -> choose(Map.of("ATROUS_CACHE_DIR", "a\0b")))
        .isInstanceOf(CacheDirectoryException.class);
  }

  @Test
  void oneSentenceSaysThatThereIsNoPlaceAtAll() {
    Path none = directory.resolve("none");

    assertThatThrownBy(
            () -> CacheDirectory.choose(Map.of("HOME", "/nonexistent"), UNKNOWN_USER, none))
        .isInstanceOf(CacheDirectoryException.class)
        .hasMessageContainingAll(
            "XDG_CACHE_HOME: not set",
            "HOME: there is no /nonexistent",
            "temporary directory: there is no " + none,
            "set ATROUS_CACHE_DIR");
  }

  private Path choose(Map<String, String> environment) {
    return CacheDirectory.choose(environment, UNKNOWN_USER, temporary).path();
  }
}
