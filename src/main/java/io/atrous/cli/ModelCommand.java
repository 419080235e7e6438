package io.atrous.cli;

import picocli.CommandLine.Command;

/** {@code atrous model}: what is done to model files. */
@Command(
    name = "model",
    description = "Makes and measures model files.",
    mixinStandardHelpOptions = true,
    subcommands = {ModelCommandImport.class, ModelCommandTrain.class, ModelCommandCompile.class})
final class ModelCommand {}
