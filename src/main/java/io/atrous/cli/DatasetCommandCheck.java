package io.atrous.cli;

import io.atrous.dataset.DatasetFindings;
import io.atrous.dataset.DatasetFindings.LabelUse;
import io.atrous.dataset.DatasetFolder;
import io.atrous.event.UntrustedText;
import io.atrous.model.ClassCatalog;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code atrous dataset check}: whether a data set can be used, and what its labels are. */
@Command(
    name = "check",
    description = "Reads labelled images and says whether they can be used, and what is in them.",
    footer = {
      "",
      "Exit code 2 if something must be mended before a network can be trained or measured with"
          + " them; files that only lack their partner are named and left out."
    })
final class DatasetCommandCheck implements Callable<Integer> {

  /** More names than that say no more. */
  private static final int MOST_NAMED = 20;

  private static final int MAX_LINE_CHARS = 1000;

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private DatasetOptions options = new DatasetOptions();
  @Mixin private ClassesOption classes = new ClassesOption();

  @Parameters(
      index = "0",
      paramLabel = "DATASET",
      description = "The folder of the data set, in a layout of docs/datasets.md.")
  private Path folder = Path.of("");

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = {"How many files are read at once.", "  Default: one for each core"})
  private int threads = Runtime.getRuntime().availableProcessors();

  @Override
  public Integer call() {
    invocation.requirePositive("--threads", threads);
    DatasetFolder dataset = options.open(folder, classes.catalog());
    DatasetFindings findings = DatasetOptions.check(dataset, options.split(), threads);
    print(findings);
    List<String> obstacles = findings.obstacles();
    print(invocation.err(), "atrous: ", obstacles);
    return obstacles.isEmpty() ? 0 : Main.BAD_INPUT;
  }

  private void print(DatasetFindings findings) {
    PrintWriter out = invocation.out();
    LabelledLines lines = new LabelledLines(out);
    lines.print("layout", "%s", findings.layout());
    lines.print("pairs", "%s", listed(findings.pairs()));
    lines.print("sizes", "%s", listed(findings.sizes()));
    out.println();
    long all = findings.labels().stream().mapToLong(LabelUse::pixels).sum();
    row(out, "label", "name", "class", "images", "pixels", "share");
    for (LabelUse use : findings.labels()) {
      row(
          out,
          use.value().toString(),
          use.name(),
          className(use, findings.classes()),
          Integer.toString(use.images()),
          Long.toString(use.pixels()),
          String.format(Locale.ROOT, "%.3f %%", 100.0 * use.pixels() / all));
    }
    if (!findings.absentClasses().isEmpty()) {
      out.println();
      out.println(
          "Classes without a pixel: "
              + UntrustedText.oneLine(String.join(", ", findings.absentClasses()), MAX_LINE_CHARS));
    }
    if (!findings.unpaired().isEmpty()) {
      out.println();
      out.println(findings.unpaired().size() + " files lack their partner and are left out:");
      print(out, "  ", findings.unpaired());
    }
    out.flush();
  }

  private static String className(LabelUse use, ClassCatalog classes) {
    int index = use.index().orElse(-1);
    if (index < 0) {
      return "(unknown)";
    }
    return index == ClassCatalog.IGNORE_INDEX ? "(ignored)" : classes.get(index).name();
  }

  private static void row(PrintWriter out, String... cells) {
    out.println(
        UntrustedText.oneLine(
            String.format(Locale.ROOT, "%-8s %-20s %-20s %8s %14s %10s", (Object[]) cells),
            MAX_LINE_CHARS));
  }

  private static String listed(Map<String, Integer> counts) {
    String most =
        counts.entrySet().stream()
            .limit(MOST_NAMED)
            .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
            .collect(Collectors.joining(", "));
    int left = counts.size() - MOST_NAMED;
    return left > 0 ? most + " and " + left + " more" : most;
  }

  /** Prints names or sentences that come from files. */
  private static void print(PrintWriter out, String prefix, List<String> texts) {
    texts.stream()
        .limit(MOST_NAMED)
        .forEach(text -> out.println(prefix + UntrustedText.oneLine(text, MAX_LINE_CHARS)));
    if (texts.size() > MOST_NAMED) {
      out.println(prefix + "and " + (texts.size() - MOST_NAMED) + " more");
    }
    out.flush();
  }
}
