package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.process.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class TemporaryArchiveTest {

  @TempDir private Path directory;

  @Test
  void isReadableByItsOwnerAloneAndGoneOnceClosed() throws IOException {
    Path path;
    try (TemporaryArchive archive = TemporaryArchive.create(directory)) {
      path = archive.path();
      OutputStream content = archive.content();
      content.write(42);
      content.flush();

      assertThat(path).hasBinaryContent(new byte[] {42}).hasParent(directory.toRealPath());
      if (Files.getFileAttributeView(path, PosixFileAttributeView.class) != null) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
            .isEqualTo("rw-------");
      }
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void removesWhatNoProcessHoldsAndNothingElse() throws IOException {
    Path left = Files.createFile(directory.resolve("atrous-network-1234.pt"));
    Path foreign = Files.createFile(directory.resolve("resnet.pt"));

    TemporaryArchive.removeLeftovers(directory);

    assertThat(left).doesNotExist();
    assertThat(foreign).exists();
  }

  @Test
  void leavesAloneWhatThisProcessHolds() throws IOException {
    try (TemporaryArchive archive = TemporaryArchive.create(directory)) {
      TemporaryArchive.removeLeftovers(directory);

      assertThat(archive.path()).exists();
    }
  }

  @Test
  void leavesAloneWhatAnotherProcessHoldsUntilItCrashes() throws Exception {
    Process holder =
        ChildJvm.running(
                Holder.class, List.of("-XX:TieredStopAtLevel=1"), List.of(directory.toString()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))) {
      Path held = directory.toRealPath().resolve(said.readLine());
      TemporaryArchive.removeLeftovers(directory);
      assertThat(held).exists();

      holder.destroyForcibly().waitFor();

      TemporaryArchive.removeLeftovers(directory);
      assertThat(held).doesNotExist();
    } finally {
      holder.destroyForcibly();
    }
  }

  /** Holds an archive until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws IOException {
      try (TemporaryArchive archive = TemporaryArchive.create(Path.of(arguments[0]))) {
        System.out.println(archive.path().getFileName());
        int end = System.in.read();
        System.out.println(end);
      }
    }
  }
}
