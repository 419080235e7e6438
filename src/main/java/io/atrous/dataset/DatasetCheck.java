package io.atrous.dataset;

import io.atrous.dataset.DatasetFindings.LabelUse;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.ImageFile;
import io.atrous.frame.ImageSize;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Reads all of a data set, or of a split, to tell whether it can be used and what its labels are.
 *
 * <p><b>Threading:</b> confined to the calling thread; the files are read by threads of its own.
 */
public final class DatasetCheck {

  /** More values have photographs, and colours of which a drawing program smoothed the edges. */
  private static final int MOST_VALUES = 4096;

  private final DatasetFolder folder;
  private final Map<String, Integer> pairs = new LinkedHashMap<>();
  private final Map<String, Integer> sizes = new TreeMap<>();
  private final List<String> faults = new ArrayList<>();
  private final Map<LabelValue, Use> uses = new TreeMap<>();

  /** Hears how far a check is. */
  @FunctionalInterface
  public interface Progress {

    /** Called after each pair, in their order. */
    void checked(int done, int total);
  }

  /** A pair's size and the pixels of each value, or what is wrong with it. */
  private record Finding(String size, Map<LabelValue, Long> pixels, String fault) {}

  private static final class Use {
    private final String firstFile;
    private int images;
    private long pixels;

    Use(String firstFile) {
      this.firstFile = firstFile;
    }
  }

  private DatasetCheck(DatasetFolder folder) {
    this.folder = folder;
  }

  /**
   * Checks a data set.
   *
   * @param split the split; null for all of the data set
   * @param threads the number of files that are read at once
   * @throws DatasetException if there is no such split
   */
  public static DatasetFindings of(
      DatasetFolder folder, @Nullable String split, int threads, Progress progress) {
    return new DatasetCheck(folder).run(split, threads, progress);
  }

  private DatasetFindings run(@Nullable String split, int threads, Progress progress) {
    List<String> splits = split == null ? folder.splits() : List.of(split);
    splits.forEach(each -> pairs.put(each, folder.files(each).pairs().size()));
    PairedFiles files = folder.files(split);
    if (splits.isEmpty()) {
      pairs.put("all", files.pairs().size());
    }
    read(files.pairs(), threads, progress);
    return new DatasetFindings(
        folder.layout(),
        pairs,
        sizes,
        files.unpaired().stream().map(file -> PairedFiles.name(folder.root(), file)).toList(),
        faults,
        uses.entrySet().stream().map(entry -> use(entry.getKey(), entry.getValue())).toList(),
        folder.labels().classes());
  }

  private LabelUse use(LabelValue value, Use use) {
    LabelMap labels = folder.labels();
    OptionalInt index = labels.index(value);
    return new LabelUse(
        value,
        labels.name(value),
        index,
        use.images,
        use.pixels,
        index.isPresent() ? "" : labels.unknown(value, use.firstFile));
  }

  private void read(List<ImagePair> all, int threads, Progress progress) {
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    ThreadLocal<FrameDecoder> decoders =
        ThreadLocal.withInitial(() -> new FrameDecoder(FileFrames.LIMITS));
    try {
      Deque<CompletableFuture<Finding>> ahead = new ArrayDeque<>();
      int begun = 0;
      for (int index = 0; index < all.size(); index++) {
        while (begun < all.size() && ahead.size() < 2 * threads) {
          ImagePair pair = all.get(begun++);
          ahead.add(CompletableFuture.supplyAsync(() -> find(pair, decoders.get()), workers));
        }
        add(all.get(index), ahead.remove().join());
        progress.checked(index + 1, all.size());
      }
    } finally {
      workers.shutdownNow();
    }
  }

  private void add(ImagePair pair, Finding finding) {
    if (!finding.fault.isEmpty()) {
      faults.add(finding.fault);
      return;
    }
    sizes.merge(finding.size, 1, Integer::sum);
    finding.pixels.forEach(
        (value, pixels) -> {
          Use use = uses.computeIfAbsent(value, first -> new Use(pair.labels().toString()));
          use.images++;
          use.pixels += pixels;
        });
  }

  private Finding find(ImagePair pair, FrameDecoder decoder) {
    try {
      EncodedFrame frame =
          FileFrames.read(pair.image(), () -> ImageFile.frame(pair.image(), FileFrames.LIMITS));
      FileFrames.read(pair.image(), () -> decoder.decode(frame));
      ImageSize size = FileFrames.read(pair.image(), () -> FrameDecoder.storedSize(frame));
      LabelImage labels =
          FileFrames.read(
              pair.labels(),
              () ->
                  LabelImage.read(pair.labels(), FileFrames.LIMITS, folder.labels().coloursOnly()));
      FileFrames.requireEqual(pair, size, labels);
      return new Finding(size.toString(), pixels(labels, pair), "");
    } catch (DatasetException e) {
      return new Finding("", Map.of(), String.valueOf(e.getMessage()));
    }
  }

  private static Map<LabelValue, Long> pixels(LabelImage labels, ImagePair pair) {
    Map<LabelValue, Long> pixels = new HashMap<>();
    int[] values = labels.values();
    int begin = 0;
    for (int i = 1; i <= values.length; i++) {
      if (i == values.length || values[i] != values[begin]) {
        pixels.merge(
            new LabelValue(labels.areColours(), values[begin]), (long) i - begin, Long::sum);
        begin = i;
        if (pixels.size() > MOST_VALUES) {
          throw new DatasetException(
              "Label image %s has more than %d different values: it is a photograph, or its edges are smoothed"
                  .formatted(pair.labels(), MOST_VALUES));
        }
      }
    }
    return pixels;
  }
}
