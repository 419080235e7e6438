package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads image files, within limits.
 *
 * <p><b>Threading:</b> stateless.
 */
public final class ImageFile {

  private ImageFile() {}

  /**
   * Reads a JPEG or PNG file as the frame that a camera would send.
   *
   * @throws FrameRejectedException if it is neither, or too large
   * @throws IOException if it can't be read
   */
  public static EncodedFrame frame(Path file, DecodeLimits limits)
      throws FrameRejectedException, IOException {
    ByteBuffer bytes = read(file, limits);
    PayloadEncoding encoding =
        PayloadEncoding.ofContent(bytes)
            .orElseThrow(
                () ->
                    new FrameRejectedException(
                        Reason.UNSUPPORTED_ENCODING, "it is neither a JPEG nor a PNG"));
    return new EncodedFrame(encoding, null, null, bytes);
  }

  /**
   * Reads a file's bytes.
   *
   * @throws FrameRejectedException if it is empty or too large
   * @throws IOException if it can't be read
   */
  public static ByteBuffer read(Path file, DecodeLimits limits)
      throws FrameRejectedException, IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    // A pipe would be waited for.
    if (!Files.isRegularFile(file)) {
      throw new FrameRejectedException(Reason.UNDECODABLE_IMAGE, "it is no regular file");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(limits.maxPayloadBytes() + 1);
    }
    if (bytes.length > limits.maxPayloadBytes()) {
      throw new FrameRejectedException(
          Reason.TOO_LARGE, "the file has more than %d bytes".formatted(limits.maxPayloadBytes()));
    }
    if (bytes.length == 0) {
      throw new FrameRejectedException(Reason.UNDECODABLE_IMAGE, "the file is empty");
    }
    return ByteBuffer.wrap(bytes);
  }

  /** Returns why a file could not be read, as the end of a sentence. */
  public static String reason(Exception failure) {
    if (failure instanceof NoSuchFileException) {
      return "there is no such file";
    }
    return failure instanceof FrameRejectedException
        ? String.valueOf(failure.getMessage())
        : "it can't be read (" + failure + ")";
  }
}
