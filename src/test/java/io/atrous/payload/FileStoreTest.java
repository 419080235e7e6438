package io.atrous.payload;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files under a prefix, and nothing beside it, whatever links say. */
final class FileStoreTest {

  private static final String PUBLIC = "public";
  private static final String SECRET = "secret";

  @TempDir Path directory;
  private Path root;
  private FileStore store;

  @BeforeEach
  void makeFiles() throws IOException {
    root = Files.createDirectories(directory.resolve("frames"));
    Path other = Files.createDirectories(directory.resolve("frames2"));
    Files.createDirectories(root.resolve("a/b"));
    Files.writeString(root.resolve("x"), PUBLIC);
    Files.writeString(root.resolve("a/b/x"), PUBLIC);
    Files.writeString(other.resolve("x"), SECRET);
    Files.writeString(directory.resolve("x"), SECRET);
    Files.createSymbolicLink(root.resolve("inside"), root.resolve("a"));
    Files.createSymbolicLink(root.resolve("outside"), other);
    Files.createSymbolicLink(root.resolve("up"), Path.of(".."));
    Files.createSymbolicLink(root.resolve("a/secret"), other.resolve("x"));
    Files.createSymbolicLink(root.resolve("loop"), root.resolve("loop"));
    store = new FileStore(AllowedPrefix.parse(root.toUri().toString()));
  }

  @Test
  void aFileUnderThePrefixIsReadUpToTheLimit() throws Exception {
    assertThat(read("a/b/x", 100)).asString(UTF_8).isEqualTo(PUBLIC);
    assertThat(read("a/b/x", 3)).asString(UTF_8).isEqualTo("pub");
  }

  @Test
  void aPrefixMayBeOneFile() throws Exception {
    store = new FileStore(AllowedPrefix.parse(root.resolve("x").toUri().toString()));

    assertThat(read("x", 100)).asString(UTF_8).isEqualTo(PUBLIC);
  }

  @Test
  void aPrefixMayItselfBeALink() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), root);
    store = new FileStore(AllowedPrefix.parse(link.toUri().toString()));
    root = link;

    assertThat(read("a/b/x", 100)).asString(UTF_8).isEqualTo(PUBLIC);
  }

  @Test
  void aLinkIsFollowedOnlyAsLongAsItStaysUnderThePrefix() throws Exception {
    assertThat(read("inside/b/x", 100)).asString(UTF_8).isEqualTo(PUBLIC);
    assertRefused("outside/x", "leads out");
    assertRefused("up/x", "leads out");
    assertRefused("a/secret", "leads out");
    assertRefused("loop", "can't be opened");
  }

  @Test
  void whatIsNoFileIsNotRead() {
    assertRefused("nowhere", "no such file");
    assertRefused("x/y", "can't be opened");
    assertRefused("a", "no file");
    assertRefused("", "no file");
  }

  @Test
  void aDeviceUnderThePrefixIsNotRead() throws Exception {
    store = new FileStore(AllowedPrefix.parse("file:///dev"));

    assertThatThrownBy(() -> store.read(PayloadUri.parse("file:///dev/zero"), 10, Duration.ZERO))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("no file");
  }

  @Test
  void noWalkOverLinksEverReadsASecret() {
    String[] names = {"a", "b", "x", "inside", "outside", "up", "secret", "frames", "frames2"};
    SplittableRandom random = new SplittableRandom(3);
    int read = 0;
    for (int i = 0; i < 3_000; i++) {
      StringBuilder path = new StringBuilder(names[random.nextInt(names.length)]);
      for (int n = random.nextInt(4); n > 0; n--) {
        path.append('/').append(names[random.nextInt(names.length)]);
      }
      try {
        assertThat(read(path.toString(), 100))
            .as(path.toString())
            .asString(UTF_8)
            .isEqualTo(PUBLIC);
        read++;
      } catch (StoreException refused) {
        // The other good answer.
      }
    }
    assertThat(read).isPositive();
  }

  private byte[] read(String path, int maxBytes) throws StoreException {
    return store.read(PayloadUri.parse(root.toUri() + path), maxBytes, Duration.ofSeconds(1));
  }

  private void assertRefused(String path, String reason) {
    assertThatThrownBy(() -> read(path, 100))
        .isInstanceOfSatisfying(
            StoreException.class, refusal -> assertThat(refusal.isPassing()).isFalse())
        .hasMessageContaining(reason);
  }
}
