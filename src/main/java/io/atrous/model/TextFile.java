package io.atrous.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads text files that a user has written: in UTF-8, with or without a byte-order mark. */
public final class TextFile {

  private static final String SAVE_AS_UTF_8 = "; save it as UTF-8";

  /** The byte-order mark, a character a byte. */
  private static final String MARK = "\u00EF\u00BB\u00BF";

  private TextFile() {}

  /**
   * Reads a text, without its byte-order mark.
   *
   * @param maxBytes the size above which a file is refused
   * @throws TextFileException if there is no such file or it is no text in UTF-8
   */
  public static String read(Path file, int maxBytes) throws TextFileException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(maxBytes + 1);
    } catch (NoSuchFileException e) {
      throw new TextFileException("there is no such file", e);
    } catch (AccessDeniedException e) {
      throw new TextFileException("this user may not read it", e);
    } catch (IOException e) {
      throw new TextFileException(String.valueOf(e.getMessage()), e);
    }
    if (bytes.length > maxBytes) {
      throw new TextFileException("it has more than " + maxBytes + " bytes");
    }
    return decode(bytes);
  }

  private static String decode(byte[] bytes) throws TextFileException {
    String head = new String(bytes, 0, Math.min(bytes.length, 4), StandardCharsets.ISO_8859_1);
    String foreign = foreignEncoding(head);
    if (!foreign.isEmpty()) {
      throw new TextFileException("it is " + foreign + ", not UTF-8" + SAVE_AS_UTF_8);
    }
    for (int at = 0; at < bytes.length; at++) {
      // Valid in UTF-8, but nobody writes it; UTF-16 without a mark is full of it.
      if (bytes[at] == 0) {
        throw new TextFileException(
            "it is UTF-16, or no text, at " + place(bytes, at) + SAVE_AS_UTF_8);
      }
    }
    int begin = head.startsWith(MARK) ? MARK.length() : 0;
    ByteBuffer in = ByteBuffer.wrap(bytes, begin, bytes.length - begin);
    CharBuffer text = CharBuffer.allocate(in.remaining());
    if (StandardCharsets.UTF_8.newDecoder().decode(in, text, true).isError()) {
      throw new TextFileException(
          "it is not UTF-8 at " + place(bytes, in.position()) + SAVE_AS_UTF_8);
    }
    return text.flip().toString();
  }

  /** Returns the other encoding that a byte-order mark tells; empty if there is none. */
  private static String foreignEncoding(String head) {
    // The little-endian mark of UTF-32 begins with that of UTF-16.
    if (head.equals("\u00FF\u00FE\0\0") || head.equals("\0\0\u00FE\u00FF")) {
      return "UTF-32";
    }
    return head.startsWith("\u00FF\u00FE") || head.startsWith("\u00FE\u00FF") ? "UTF-16" : "";
  }

  /** Says where a byte is, counted from 1, such as {@code byte 17 (0xE9, line 2)}. */
  private static String place(byte[] bytes, int at) {
    int line = 1;
    for (int i = 0; i < at; i++) {
      line += bytes[i] == '\n' ? 1 : 0;
    }
    return "byte %d (0x%02X, line %d)".formatted(at + 1, bytes[at], line);
  }
}
