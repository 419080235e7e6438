package io.atrous.payload;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Set;

/**
 * Files under one directory of this machine. Symbolic links are followed as long as they stay under
 * it.
 *
 * <p>A file that hangs, on a network mount say, blocks its thread: the system call can't be
 * interrupted.
 */
final class FileStore implements PayloadStore {

  private static final Set<? extends java.nio.file.OpenOption> READ =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

  private final Path root;

  FileStore(AllowedPrefix prefix) {
    this.root = Path.of(prefix.uri().toUri());
  }

  @Override
  public byte[] read(PayloadUri uri, int maxBytes, Duration timeout) throws StoreException {
    try {
      Path realRoot = root.toRealPath();
      Path real = Path.of(uri.toUri()).toRealPath();
      if (!real.startsWith(realRoot)) {
        throw StoreException.lasting("a symbolic link leads out of the allowed prefix");
      }
      if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
        throw StoreException.lasting("it is no file");
      }
      try (InputStream in = open(realRoot, real)) {
        return in.readNBytes(maxBytes);
      }
    } catch (NoSuchFileException e) {
      throw StoreException.lasting("there is no such file");
    } catch (AccessDeniedException e) {
      throw StoreException.lasting("this service may not read it");
    } catch (FileSystemException e) {
      throw StoreException.lasting("it can't be opened (" + e.getClass().getSimpleName() + ")");
    } catch (IOException e) {
      throw StoreException.passing("it can't be read (" + e.getClass().getSimpleName() + ")");
    }
  }

  /**
   * Opens a real path without following links: where the system can, step by step from the root, so
   * that a directory that is replaced by a link meanwhile isn't followed either.
   */
  private static InputStream open(Path realRoot, Path real) throws IOException {
    Path rest = realRoot.relativize(real);
    if (!rest.toString().isEmpty()) {
      try (DirectoryStream<Path> directory = Files.newDirectoryStream(realRoot)) {
        if (directory instanceof SecureDirectoryStream<Path> secure) {
          return Channels.newInputStream(open(secure, rest));
        }
      }
    }
    return Channels.newInputStream(Files.newByteChannel(real, READ));
  }

  private static SeekableByteChannel open(SecureDirectoryStream<Path> directory, Path rest)
      throws IOException {
    if (rest.getNameCount() == 1) {
      return directory.newByteChannel(rest, READ);
    }
    try (SecureDirectoryStream<Path> next =
        directory.newDirectoryStream(rest.getName(0), LinkOption.NOFOLLOW_LINKS)) {
      return open(next, rest.subpath(1, rest.getNameCount()));
    }
  }
}
