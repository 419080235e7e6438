package io.atrous.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * A user's own network as a TorchScript file, {@code NAME.pt}, with its specification beside it in
 * {@code NAME.pt.json}.
 *
 * <p>The file is a program: whoever serves it trusts it as they trust any program.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class TorchScriptFile implements Model {

  /** A catalogue of 255 classes takes a tenth of this. */
  private static final int MAX_SPECIFICATION_BYTES = 1 << 18;

  private record Document(int formatVersion, ModelSpec model, ProgramSpec program) {}

  private final Path file;
  private final Document document;
  private final String sha256;

  private TorchScriptFile(Path file, Document document, String sha256) {
    this.file = file;
    this.document = document;
    this.sha256 = sha256;
  }

  /**
   * Reads the specification, and the file once for its digest.
   *
   * @throws ModelFileException if one is missing, or the specification is not sound
   */
  public static TorchScriptFile open(Path file) {
    Path specification = specificationOf(file);
    Document document =
        SpecificationJson.read(
            "File " + specification, readSpecification(file, specification), Document.class);
    return new TorchScriptFile(file, document, digest(file));
  }

  /** Returns the path of a TorchScript file's specification. */
  public static Path specificationOf(Path file) {
    return file.resolveSibling(file.getFileName() + ".json");
  }

  @Override
  public ModelSpec spec() {
    return document.model();
  }

  /** Returns the inputs and outputs of the program. */
  public ProgramSpec program() {
    return document.program();
  }

  /** The program. */
  public Path file() {
    return file;
  }

  @Override
  public String origin() {
    return file.toString();
  }

  /** SHA-256 of the whole file. */
  @Override
  public String sha256() {
    return sha256;
  }

  private static String readSpecification(Path file, Path specification) {
    try {
      return TextFile.read(specification, MAX_SPECIFICATION_BYTES);
    } catch (TextFileException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        throw new ModelFileException(
            "The TorchScript file %s has no specification beside it: write %s (docs/models.md), or"
                    .formatted(file, specification)
                + " import the state dict with `atrous model import` instead",
            e);
      }
      throw new ModelFileException("Cannot read " + specification + ": " + e.getMessage(), e);
    }
  }

  private static String digest(Path file) {
    MessageDigest digest = Sha256.digest();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new ModelFileException("Cannot read the model file " + file + ": " + e.getMessage(), e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
