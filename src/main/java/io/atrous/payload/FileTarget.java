package io.atrous.payload;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files of this machine. Folders are made; a file gets its name once it is whole. */
final class FileTarget implements PayloadWriter.Target {

  @Override
  public void write(PayloadUri uri, byte[] payload) throws IOException {
    Path file = Path.of(uri.toUri());
    Path folder = file.resolveSibling("");
    try {
      Files.createDirectories(folder);
      Path part = Files.createTempFile(folder, ".part-", "");
      try {
        Files.write(part, payload);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (FileSystemException e) {
      throw new IOException(
          "%s can't be written (%s%s)"
              .formatted(
                  uri,
                  e.getClass().getSimpleName(),
                  e.getReason() == null ? "" : ": " + e.getReason()),
          e);
    }
  }
}
