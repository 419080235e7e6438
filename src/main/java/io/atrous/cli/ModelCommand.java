package io.atrous.cli;

import picocli.CommandLine.Command;

/** {@code atrous model}: what is done to model files. */
@Command(
    name = "model",
    description = "Makes, measures and uses model files.",
    subcommands = {
      ModelCommandImport.class,
      ModelCommandTrain.class,
      ModelCommandEvaluate.class,
      ModelCommandCalibrate.class,
      ModelCommandInfo.class,
      ModelCommandPredict.class,
      ModelCommandCompile.class
    })
final class ModelCommand {}
