package io.atrous.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A model that can be served: what a service needs to know of it, and where its network lies. */
public sealed interface Model permits ModelFile, TorchScriptFile {

  /** The name of the small street model in the jar, where a model is named. */
  String SHIPPED = "builtin:street";

  /** Returns the model's specification. */
  ModelSpec spec();

  /** Returns the model's name in messages. */
  String origin();

  /** SHA-256 of what decides the results, 64 lower-case hexadecimal digits. */
  String sha256();

  /**
   * Opens the model that a user names.
   *
   * @param name {@link #SHIPPED}, or a path as {@link #open} takes it
   * @throws ModelFileException if there is no such model or it can't be used
   */
  static Model named(String name) {
    return name.equals(SHIPPED) ? ModelFile.shipped() : open(Path.of(name));
  }

  /**
   * Opens a model file, or a TorchScript file with its specification beside it; its first bytes say
   * which.
   *
   * @throws ModelFileException if it is missing, damaged or neither
   */
  static Model open(Path file) {
    ForeignFile.requireRegular(file);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(ForeignFile.HEAD_BYTES);
      if (head.length > 4 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4) {
        return TorchScriptFile.open(file);
      }
      // Behind its size a header of safetensors begins.
      if (head.length > Long.BYTES && head[Long.BYTES] == '{') {
        return ModelFile.open(file);
      }
      throw new ModelFileException(
          ForeignFile.recognize(head)
              .map(complaint -> "Model file " + file + " " + complaint)
              .orElse(
                  "File "
                      + file
                      + " is neither a model nor a TorchScript file; `atrous model import` makes a"
                      + " model of a checkpoint"));
    } catch (NoSuchFileException e) {
      throw new ModelFileException("There is no model file " + file, e);
    } catch (IOException e) {
      throw new ModelFileException("Cannot read the model file " + file + ": " + e.getMessage(), e);
    }
  }
}
