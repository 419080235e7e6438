package io.atrous.training;

import java.nio.file.Path;

/**
 * The files of a training: the model, and beside it a folder of the model's name with all else.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param model the best model so far, as it will serve
 */
public record TrainingFiles(Path model) {

  /** Returns the folder of checkpoint, log and curves. */
  public Path folder() {
    String name = String.valueOf(model.getFileName());
    return model.resolveSibling(name.replaceFirst("\\.safetensors$", "") + ".training");
  }

  /** Returns the log, a JSON object a line. */
  public Path log() {
    return folder().resolve("log.jsonl");
  }

  /** Returns the picture of loss, rate and validation. */
  public Path curves() {
    return folder().resolve("curves.png");
  }
}
