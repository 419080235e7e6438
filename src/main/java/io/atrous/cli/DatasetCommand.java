package io.atrous.cli;

import picocli.CommandLine.Command;

/** {@code atrous dataset}: people's own labelled images. */
@Command(
    name = "dataset",
    description = "Looks at labelled images in folders (docs/datasets.md).",
    subcommands = {DatasetCommandCheck.class})
final class DatasetCommand {}
