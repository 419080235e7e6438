package io.atrous.cli;

import io.atrous.model.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Parameters;

/** The argument that names a model of any kind, as a mixin; it comes first. */
final class ModelArgument {

  private static final String STREET = "street";

  @Parameters(
      index = "0",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "MODEL",
      description =
          "A model file, a TorchScript file with its specification beside it, or "
              + Model.SHIPPED
              + ", or street, for the one in the jar.")
  private String name = "";

  /**
   * Opens it.
   *
   * @throws io.atrous.model.ModelFileException if there is none, in one sentence
   */
  Model open() {
    return named(name);
  }

  /**
   * Opens the model of a name; where there is no such file, {@code street} is the one in the jar.
   *
   * @throws io.atrous.model.ModelFileException if there is none, in one sentence
   */
  static Model named(String name) {
    return Model.named(name.equals(STREET) && !Files.exists(Path.of(name)) ? Model.SHIPPED : name);
  }
}
