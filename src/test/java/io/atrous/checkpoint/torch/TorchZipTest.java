package io.atrous.checkpoint.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.checkpoint.Checkpoint;
import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TorchZipTest {

  private static final int END_BYTES = 22;
  private static final int DIRECTORY_ENTRY_BYTES = 46;

  private final Tensor tensor = new Tensor(List.of(2), new float[] {3, 4});
  private Map<String, byte[]> entries;

  @BeforeEach
  void anArchive() {
    entries = TorchFiles.zipEntries(new PickleWriter().value(Map.of("w", tensor)));
  }

  @Test
  void anArchiveIsRead() {
    assertThat(open(TorchFiles.zip(entries, true)).values("w")).containsExactly(3, 4);
  }

  @Test
  void compressedEntriesAreNotInflated() {
    assertRefused(
        TorchFiles.zip(entries, false),
        "has a compressed or encrypted entry archive/byteorder; PyTorch stores its entries plainly");
  }

  @Test
  void bigEndianNumbersAreRefused() {
    entries.put("archive/byteorder", "big".getBytes(StandardCharsets.US_ASCII));

    assertRefused(TorchFiles.zip(entries, true), "was written on a big-endian machine");
  }

  /** A flipped bit makes another number, which nothing else would tell. */
  @Test
  void aFlippedBitIsFoundOut() {
    byte[] zip = TorchFiles.zip(entries, true);
    for (String name : List.of("archive/data.pkl", "archive/data/0", "archive/byteorder")) {
      byte[] flipped = zip.clone();
      int header = new String(zip, StandardCharsets.ISO_8859_1).indexOf(name);
      flipped[header + name.length() + 3] ^= 1;

      assertRefused(
          flipped, "is damaged: entry " + name + " is not what was written: its CRC-32 is another");
    }
  }

  /** torch.serialization.set_crc32_options(False) leaves it out. */
  @Test
  void aChecksumThatWasNotComputedIsNotMissed() {
    byte[] zip = TorchFiles.zip(entries, true);
    ByteBuffer file = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = file.getInt(zip.length - END_BYTES + 16); at < zip.length - END_BYTES; ) {
      file.putInt(at + 16, 0);
      at += DIRECTORY_ENTRY_BYTES + file.getShort(at + 28);
    }

    assertThat(open(zip).values("w")).containsExactly(3, 4);
  }

  @Test
  void otherArchivesAreTold() {
    assertRefused(
        TorchFiles.zip(Map.of("a/model.json", new byte[1]), true),
        "is a zip archive but not one of PyTorch's: it has no data.pkl");
    entries.put("other/data.pkl", new byte[1]);
    assertRefused(TorchFiles.zip(entries, true), "it has more than one data.pkl");
  }

  @Test
  void aMissingOrShortStorageIsNamed() {
    entries.put("archive/data/0", new byte[7]);
    assertRefused(
        TorchFiles.zip(entries, true), "entry archive/data/0 has 7 bytes where 8 are needed");
    entries.remove("archive/data/0");
    assertRefused(
        TorchFiles.zip(entries, true), "entry archive/data/0 is missing where 8 are needed");
  }

  @Test
  void anEntryComesOnce() {
    entries.put("archive/data/1", new byte[8]);
    String twice =
        new String(TorchFiles.zip(entries, true), StandardCharsets.ISO_8859_1)
            .replace("archive/data/1", "archive/data/0");

    assertRefused(twice.getBytes(StandardCharsets.ISO_8859_1), "it has two entries archive/data/0");
  }

  @Test
  void aTruncatedFileMayBeIncomplete() {
    byte[] zip = TorchFiles.zip(entries, true);
    for (int bytes = 4; bytes < zip.length; bytes++) {
      assertRefused(
          Arrays.copyOf(zip, bytes),
          "it does not end with a zip directory, so it may be incomplete");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "10, 2, 5, it ends within what it describes",
    "12, 4, 2147483647, its directory lies outside the file",
    "16, 4, 2147483647, its directory lies outside the file",
    "16, 4, 4294967295, its Zip64 directory is missing",
    "10, 2, 65535, its Zip64 directory is missing",
  })
  void aDirectoryThatLiesIsFoundOut(int at, int bytes, long claim, String complaint) {
    byte[] zip = TorchFiles.zip(entries, true);
    ByteBuffer end =
        ByteBuffer.wrap(zip, zip.length - END_BYTES, END_BYTES)
            .slice()
            .order(ByteOrder.LITTLE_ENDIAN);
    if (bytes == Short.BYTES) {
      end.putShort(at, (short) claim);
    } else {
      end.putInt(at, (int) claim);
    }

    assertRefused(zip, complaint);
  }

  /** The numbers begin behind 6 GiB that are nowhere: only what is asked for is read. */
  @Test
  void archivesBeyondFourGigabytesAreRead() {
    long gap = 6L << 30;
    byte[] zip = TorchFiles.zip(entries, true);
    ByteBuffer original = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    int directory = original.getInt(zip.length - END_BYTES + 16);
    ByteBuffer tail = ByteBuffer.allocate(zip.length + 256).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = directory; at < zip.length - END_BYTES; ) {
      int name = original.getShort(at + 28);
      int header = original.getInt(at + 42);
      tail.put(original.slice(at, 30)).putShort((short) 12).put(original.slice(at + 32, 10));
      tail.putInt(-1).put(original.slice(at + DIRECTORY_ENTRY_BYTES, name));
      tail.putShort((short) 1).putShort((short) 8).putLong(gap + header);
      at += DIRECTORY_ENTRY_BYTES + name;
    }
    long directoryBytes = tail.position();
    tail.putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45);
    tail.putInt(0).putInt(0).putLong(entries.size()).putLong(entries.size());
    tail.putLong(directoryBytes).putLong(gap + directory);
    tail.putInt(0x07064b50).putInt(0).putLong(gap + directory + directoryBytes).putInt(1);
    tail.putInt(0x06054b50).putInt(0).putInt(-1).putInt(-1).putInt(-1).putShort((short) 0);
    byte[] far = new byte[directory + tail.position()];
    System.arraycopy(zip, 0, far, 0, directory);
    tail.flip().get(far, directory, far.length - directory);
    FileBytes near = TorchFiles.inMemory(far);
    FileBytes file =
        new FileBytes(
            "m",
            gap + far.length,
            (target, position) -> {
              int count = target.remaining();
              near.read(target, position < gap ? position : position - gap);
              target.position(target.limit());
              return count;
            });

    assertThat(Checkpoint.of(file).values("w")).containsExactly(3, 4);
  }

  private static void assertRefused(byte[] zip, String complaint) {
    assertThatThrownBy(() -> readAll(open(zip)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Model file m ")
        .hasMessageContaining(complaint);
  }

  private static Checkpoint open(byte[] zip) {
    return Checkpoint.of(TorchFiles.inMemory(zip));
  }

  private static void readAll(Checkpoint checkpoint) {
    checkpoint.names().forEach(checkpoint::values);
  }
}
