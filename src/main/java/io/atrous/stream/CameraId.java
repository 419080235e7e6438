package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atrous.event.UntrustedText;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/**
 * Identifies the camera that a frame competes with and is counted under: by the bytes of its
 * record's key, or by its partition if the record has no key. The two never equal each other.
 *
 * <p>The text is for people. Two cameras may have the same text.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class CameraId {

  /** Stands for all cameras beyond those that are counted one by one. */
  static final CameraId OTHERS = new CameraId(Kind.OTHERS, new byte[0], "(others)");

  /** A longer key is replaced by its digest, so that an id that is kept takes little memory. */
  private static final int MAX_KEY_BYTES = 512;

  private static final int MAX_TEXT_BYTES = 128;
  private static final char UNDECODABLE = '\uFFFD';

  private enum Kind {
    KEY,
    KEY_DIGEST,
    PARTITION,
    OTHERS
  }

  private final Kind kind;
  private final byte[] bytes;
  private final String text;
  private final int hash;

  private CameraId(Kind kind, byte[] bytes, String text) {
    this.kind = kind;
    this.bytes = bytes;
    this.text = text;
    this.hash = Objects.hash(kind, Arrays.hashCode(bytes));
  }

  /**
   * Identifies a camera by the key of its records.
   *
   * @param key the bytes, which nobody changes any more
   */
  static CameraId ofKey(byte[] key) {
    return key.length <= MAX_KEY_BYTES
        ? new CameraId(Kind.KEY, key, text(key))
        : new CameraId(Kind.KEY_DIGEST, sha256(key), text(key));
  }

  /** Identifies the cameras of a partition whose records have no key. */
  static CameraId ofPartition(String topic, int partition) {
    String name = topic + "/" + partition;
    return new CameraId(Kind.PARTITION, name.getBytes(UTF_8), name);
  }

  /** Identifies the camera whose records' key is this name in UTF-8. */
  public static CameraId named(String name) {
    return ofKey(name.getBytes(UTF_8));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CameraId that && kind == that.kind && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** Returns the beginning of the key as text that is safe to log, or in hexadecimal digits. */
  @Override
  public String toString() {
    return text;
  }

  private static String text(byte[] key) {
    int length = Math.min(key.length, MAX_TEXT_BYTES);
    // A cut inside of a character would make the whole key look binary.
    while (length > 0 && length < key.length && (key[length] & 0xC0) == 0x80) {
      length--;
    }
    String text = new String(key, 0, length, UTF_8);
    return text.indexOf(UNDECODABLE) < 0
        ? UntrustedText.oneLine(text)
        : "0x" + HexFormat.of().formatHex(key, 0, Math.min(key.length, MAX_TEXT_BYTES / 2));
  }

  private static byte[] sha256(byte[] key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
