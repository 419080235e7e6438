package io.atrous.cli;

import picocli.CommandLine.Command;

/** {@code atrous dead-letters}: frames that got no mask. */
@Command(
    name = "dead-letters",
    description = "Shows the frames that got no mask, or sends them again (docs/dead-letters.md).",
    subcommands = {DeadLettersCommandList.class, DeadLettersCommandReplay.class})
final class DeadLettersCommand {}
