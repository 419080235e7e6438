package io.atrous.checkpoint.torch;

import io.atrous.model.TensorName;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a zip archive whose entries are stored, not compressed, as PyTorch writes them,
 * so that an entry is a part of the file. Archives beyond 4 GiB are read (Zip64); split and
 * commented ones are not, and of compressed and encrypted entries nothing but the name.
 *
 * <p>Layout: section 4.3 of <a
 * href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">APPNOTE</a>.
 *
 * <p>An entry's checksum is held against its bytes when it is first asked for.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class ZipDirectory {

  private static final int MAX_ENTRIES = 100_000;
  private static final int BUFFER_BYTES = 1 << 16;

  private static final int ENTRY_SIGNATURE = 0x02014b50;
  private static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int LOCAL_HEADER_BYTES = 30;
  private static final int LOCAL_NAME_BYTES_AT = 26;
  private static final int LOCAL_EXTRA_BYTES_AT = 28;
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int LOCATOR_SIGNATURE = 0x07064b50;
  private static final int LOCATOR_BYTES = 20;
  private static final int END64_SIGNATURE = 0x06064b50;
  private static final int END64_BYTES = 56;
  private static final int ZIP64_FIELD = 1;
  private static final int ENCRYPTED = 1;

  /** The value of a field whose number stands in its Zip64 counterpart. */
  private static final int ELSEWHERE_16 = 0xFFFF;

  private static final long ELSEWHERE_32 = 0xFFFFFFFFL;

  /**
   * @param header the position of the entry's own header
   * @param bytes its size
   * @param crc32 the checksum of its bytes; 0 if its writer computed none, as PyTorch may be told
   * @param isPlain true if it lies in the file as it is
   */
  private record Entry(long header, long bytes, long crc32, boolean isPlain) {}

  /**
   * @param begin the position of the first of the directory
   * @param end the end of the directory
   */
  private record End(long entries, long begin, long end) {}

  private final FileBytes file;
  private final long begin;
  private final Map<String, Entry> entries = new HashMap<>();
  private final Set<String> sound = ConcurrentHashMap.newKeySet();

  private ZipDirectory(FileBytes file, End end) {
    this.file = file;
    this.begin = end.begin();
    ByteCursor cursor = new ByteCursor(file, end.begin(), end.end());
    for (long i = 0; i < end.entries(); i++) {
      readEntry(cursor);
    }
  }

  /**
   * Reads the directory at a file's end.
   *
   * @throws io.atrous.model.ModelFileException if it is none that PyTorch would write
   */
  public static ZipDirectory read(FileBytes file) {
    return new ZipDirectory(file, end(file));
  }

  /** The entries' names. */
  public Set<String> names() {
    return entries.keySet();
  }

  /** An entry's bytes, or null if there is none of that name. */
  public @Nullable ByteCursor open(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      return null;
    }
    long data = data(name, entry);
    return new ByteCursor(file, data, data + entry.bytes());
  }

  /**
   * Returns the position in the file at which an entry's bytes begin; all of them lie in the file.
   */
  long locate(String name, long bytes) {
    Entry entry = entries.get(name);
    if (entry == null || entry.bytes() != bytes) {
      throw file.damaged(
          "entry "
              + name
              + (entry == null ? " is missing" : " has " + entry.bytes() + " bytes")
              + " where "
              + bytes
              + " are needed");
    }
    return data(name, entry);
  }

  private long data(String name, Entry entry) {
    if (!entry.isPlain()) {
      throw file.refused(
          "has a compressed or encrypted entry " + name + "; PyTorch stores its entries plainly");
    }
    ByteBuffer local = ByteBuffer.allocate(LOCAL_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    file.read(local, entry.header());
    if (local.getInt(0) != LOCAL_SIGNATURE) {
      throw file.damaged("entry " + name + " is not where its directory says");
    }
    long data =
        entry.header()
            + LOCAL_HEADER_BYTES
            + Short.toUnsignedInt(local.getShort(LOCAL_NAME_BYTES_AT))
            + Short.toUnsignedInt(local.getShort(LOCAL_EXTRA_BYTES_AT));
    if (entry.bytes() > begin - data) {
      throw file.damaged("entry " + name + " of " + entry.bytes() + " bytes lies outside the file");
    }
    if (entry.crc32() != 0 && !sound.contains(name)) {
      if (crc32(data, entry.bytes()) != entry.crc32()) {
        throw file.damaged("entry " + name + " is not what was written: its CRC-32 is another");
      }
      sound.add(name);
    }
    return data;
  }

  private long crc32(long position, long bytes) {
    CRC32 crc = new CRC32();
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, bytes));
    for (long read = 0; read < bytes; read += buffer.limit()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), bytes - read));
      file.read(buffer, position + read);
      crc.update(buffer);
      buffer.flip();
    }
    return crc.getValue();
  }

  private static End end(FileBytes file) {
    long position = file.size() - END_BYTES;
    ByteCursor cursor = new ByteCursor(file, Math.max(0, position), file.size());
    if (position < 0 || cursor.nextInt() != END_SIGNATURE) {
      throw file.damaged("it does not end with a zip directory, so it may be incomplete");
    }
    cursor.skip(6);
    long entries = cursor.nextShort();
    long bytes = cursor.nextUnsignedInt();
    long begin = cursor.nextUnsignedInt();
    long limit = position;
    if (entries == ELSEWHERE_16 || bytes == ELSEWHERE_32 || begin == ELSEWHERE_32) {
      limit = end64Position(file, position - LOCATOR_BYTES);
      ByteCursor end64 = new ByteCursor(file, limit, position);
      if (end64.nextInt() != END64_SIGNATURE) {
        throw file.damaged("its Zip64 directory is not where it says");
      }
      end64.skip(28);
      entries = end64.nextLong();
      bytes = end64.nextLong();
      begin = end64.nextLong();
    }
    if (entries < 0 || entries > MAX_ENTRIES) {
      throw file.damaged("its directory claims " + Long.toUnsignedString(entries) + " entries");
    }
    if (begin < 0 || bytes < 0 || bytes > limit - begin) {
      throw file.damaged("its directory lies outside the file");
    }
    return new End(entries, begin, begin + bytes);
  }

  private static long end64Position(FileBytes file, long locator) {
    ByteCursor cursor = new ByteCursor(file, Math.max(0, locator), file.size());
    if (locator < END64_BYTES || cursor.nextInt() != LOCATOR_SIGNATURE) {
      throw file.damaged("its Zip64 directory is missing");
    }
    cursor.skip(4);
    return cursor.nextLong();
  }

  private void readEntry(ByteCursor cursor) {
    if (cursor.nextInt() != ENTRY_SIGNATURE) {
      throw file.damaged("its directory ends early");
    }
    cursor.skip(4);
    int flags = cursor.nextShort();
    int method = cursor.nextShort();
    cursor.skip(4);
    long crc32 = cursor.nextUnsignedInt();
    long stored = cursor.nextUnsignedInt();
    long bytes = cursor.nextUnsignedInt();
    int nameBytes = cursor.nextShort();
    int extraBytes = cursor.nextShort();
    int commentBytes = cursor.nextShort();
    cursor.skip(8);
    long header = cursor.nextUnsignedInt();
    String name = new String(cursor.next(nameBytes), StandardCharsets.UTF_8);
    if (!TensorName.isUsable(name)) {
      throw file.damaged("an entry has an unusable name");
    }
    long extraEnd = cursor.position() + extraBytes;
    if (bytes == ELSEWHERE_32 || stored == ELSEWHERE_32 || header == ELSEWHERE_32) {
      skipToZip64Field(cursor, extraEnd);
      bytes = bytes == ELSEWHERE_32 ? cursor.nextLong() : bytes;
      stored = stored == ELSEWHERE_32 ? cursor.nextLong() : stored;
      header = header == ELSEWHERE_32 ? cursor.nextLong() : header;
    }
    cursor.skip(extraEnd + commentBytes - cursor.position());
    boolean isPlain = method == 0 && (flags & ENCRYPTED) == 0 && stored == bytes;
    if (bytes < 0 || header < 0) {
      throw file.damaged("entry " + name + " has an impossible size or place");
    }
    if (entries.put(name, new Entry(header, bytes, crc32, isPlain)) != null) {
      throw file.damaged("it has two entries " + name);
    }
  }

  private void skipToZip64Field(ByteCursor cursor, long end) {
    while (cursor.position() < end) {
      int field = cursor.nextShort();
      int bytes = cursor.nextShort();
      if (field == ZIP64_FIELD) {
        return;
      }
      cursor.skip(bytes);
    }
    throw file.damaged("an entry lacks its Zip64 sizes");
  }
}
