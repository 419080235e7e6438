package io.atrous.cli;

import io.atrous.deadletter.DeadLetterReplay;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous dead-letters replay}: frames that got no mask, once more. */
@Command(
    name = "replay",
    description = {
      "Sends the frames of dead letters again.",
      "They go to the topics and partitions they came from, with their keys, timestamps and"
          + " headers. The header "
          + DeadLetterReplay.HEADER
          + " counts the times. Letters that come meanwhile are left for the next replay."
    })
final class DeadLettersCommandReplay implements Callable<Integer> {

  @Mixin private Invocation invocation = new Invocation();

  @Mixin private ConfigOptions config = new ConfigOptions();
  @Mixin private DeadLetterOptions letters = new DeadLetterOptions();

  @Option(names = "--dry-run", description = "Count what would be sent, and send nothing.")
  private boolean dryRun;

  @Override
  public Integer call() {
    long limit = letters.limit(invocation);
    DeadLetterReplay.Summary summary =
        DeadLetterReplay.run(
            config.readForTools(), letters.filter(), limit, dryRun, System::nanoTime);
    PrintWriter out = invocation.out();
    out.printf(
        dryRun ? "%d of %d frames would be replayed%n" : "%d of %d frames replayed%n",
        summary.replayed(),
        summary.matched());
    leftOut(
        out,
        summary.truncated(),
        "their letters hold only part of their records (dead.letters.max.value.bytes)");
    leftOut(out, summary.elsewhere(), "their topics are no input of this configuration");
    leftOut(out, summary.repeated(), "another letter of the same frame came before");
    if (summary.unreadable() > 0) {
      out.printf("%d records of the topic are no dead letters%n", summary.unreadable());
    }
    out.flush();
    return 0;
  }

  private static void leftOut(PrintWriter out, long count, String why) {
    if (count > 0) {
      out.printf("%d left out: %s%n", count, why);
    }
  }
}
