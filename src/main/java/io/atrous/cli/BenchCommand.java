package io.atrous.cli;

import picocli.CommandLine.Command;

/** {@code atrous bench}: what is fast and what is not, on this machine. */
@Command(
    name = "bench",
    description =
        "Measures networks, trainings, formats of masks, or the whole service on this machine.",
    subcommands = {
      BenchCommandNetwork.class,
      BenchCommandTraining.class,
      BenchCommandCodec.class,
      BenchCommandService.class
    })
final class BenchCommand {}
