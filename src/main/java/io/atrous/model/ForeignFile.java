package io.atrous.model;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Recognises what people name by mistake where a model or a checkpoint is wanted. */
public final class ForeignFile {

  /** Enough of a file's beginning to tell what it is. */
  public static final int HEAD_BYTES = 512;

  private record Kind(Pattern head, String complaint) {}

  private static final List<Kind> KINDS =
      List.of(
          kind("", "is empty"),
          kind(
              "version https://git-lfs\\.github\\.com/spec/.*",
              "is a Git LFS pointer, not the file itself: fetch that with git lfs pull"),
          kind(
              "(\u00ef\u00bb\u00bf)?\\s*<(!doctype|html|head|\\?xml).*",
              "is a web page, not a model: the download wants a login or a confirmation, or failed"),
          kind(
              ".{257}ustar.*",
              "is a tar archive, the first format of PyTorch; load it in Python and save it again"),
          kind("\u001f\u008b.*", "is compressed with gzip: unpack it first"),
          kind("\u0089HDF\r\n.*", "is an HDF5 file, as Keras writes them, not PyTorch's"),
          kind(".{4}TFL3.*", "is a TensorFlow Lite file, not PyTorch's"),
          kind("\b\u0001\u0012.*", "is a TensorFlow model, not PyTorch's"),
          kind("\b[\u0003-\u001f](\u0012|:|B).*", "is an ONNX file, not PyTorch's"));

  private ForeignFile() {}

  /**
   * Returns what a file is that is neither a model nor a checkpoint, as the rest of a sentence, or
   * empty if that is unknown.
   *
   * @param head the file's first bytes, {@link #HEAD_BYTES} of them if it has so many
   */
  public static Optional<String> recognize(byte[] head) {
    String text = new String(head, StandardCharsets.ISO_8859_1);
    return KINDS.stream()
        .filter(kind -> kind.head().matcher(text).matches())
        .map(Kind::complaint)
        .findFirst();
  }

  /**
   * Refuses what is there and no regular file. To open a named pipe would wait for its writer.
   *
   * @throws ModelFileException if it is a directory, a pipe or a device
   */
  public static void requireRegular(Path path) {
    if (Files.isDirectory(path)) {
      throw new ModelFileException("Model file " + path + " is a directory");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new ModelFileException(
          "Model file " + path + " is a pipe or a device, not a regular file");
    }
  }

  private static Kind kind(String head, String complaint) {
    return new Kind(Pattern.compile(head, Pattern.DOTALL | Pattern.CASE_INSENSITIVE), complaint);
  }
}
