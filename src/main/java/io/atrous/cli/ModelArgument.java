package io.atrous.cli;

import io.atrous.model.Model;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Parameters;

/** The argument that names a model of any kind, as a mixin; it comes first. */
final class ModelArgument {

  @Parameters(
      index = "0",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "MODEL",
      description =
          "A model file, a TorchScript file with its specification beside it, or "
              + Model.SHIPPED
              + " for the one in the jar.")
  private String name = "";

  /**
   * Opens it.
   *
   * @throws io.atrous.model.ModelFileException if there is none, in one sentence
   */
  Model open() {
    return Model.named(name);
  }
}
