package io.atrous.bench;

import io.atrous.mask.ConfidenceLevels;
import io.atrous.mask.Mask;
import io.atrous.mask.MaskFormat;
import io.atrous.mask.MaskFormatException;
import io.atrous.mask.PngMaskCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Encodes and decodes maps that the model in the jar predicts, in every format there is, in turn on
 * one thread; proves first that each map comes back.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class CodecBench {

  private final int scenes;
  private final int threads;
  private final Rounds rounds;
  private final ConfidenceLevels levels;
  private final LongSupplier cpuNanoTime;
  private final LongSupplier nanoTime;

  /** A map in a format, and what it takes as PNG. */
  @SuppressWarnings("ArrayRecordComponent")
  private record EncodedMap(Mask map, byte[] bytes, int pngBytes) {}

  /** A measured task on one map. */
  private record Task(String name, int map) {}

  /**
   * A bench.
   *
   * @param scenes maps of each kind
   * @param threads cores to predict them on
   * @param mostRounds the most times that each map is encoded and decoded
   * @param enoughNanos the processor's time after which no further round begins for a size
   * @param levels the levels of the confidence maps
   * @param cpuNanoTime a clock of this thread's processor time
   * @param nanoTime a clock
   */
  public CodecBench(
      int scenes,
      int threads,
      int mostRounds,
      long enoughNanos,
      ConfidenceLevels levels,
      LongSupplier cpuNanoTime,
      LongSupplier nanoTime) {
    this.scenes = scenes;
    this.threads = threads;
    this.rounds = new Rounds(mostRounds, enoughNanos);
    this.levels = levels;
    this.cpuNanoTime = cpuNanoTime;
    this.nanoTime = nanoTime;
  }

  /** Describes the machine in a line. */
  public String machine() {
    return Machine.describe(1, "%d maps of each kind".formatted(scenes));
  }

  /**
   * Measures all formats on maps of a size.
   *
   * @throws BenchFailedException if a map doesn't come back as it was
   * @throws IllegalArgumentException if the network can't run at that size
   */
  public CodecComparison compare(int height, int width, BenchProgress progress) {
    String size = height + "x" + width;
    PredictedMaps maps =
        PredictedMaps.of(
            height,
            width,
            scenes,
            threads,
            nanoTime,
            (fraction, what) -> progress.at(fraction / 2, size + ": " + what));
    Map<Task, Runnable> tasks = new LinkedHashMap<>();
    Map<String, List<EncodedMap>> encoded = new LinkedHashMap<>();
    addTasks("labels", maps.labels(), new ConfidenceLevels(ConfidenceLevels.ALL), tasks, encoded);
    addTasks("confidences", maps.confidences(), levels, tasks, encoded);
    Map<Task, Rounds.Times> times =
        rounds.run(
            tasks,
            cpuNanoTime,
            done -> progress.at((1 + done) / 2, size + ": encoding and decoding"));
    CodecComparison comparison = new CodecComparison(size);
    encoded.forEach(
        (name, each) ->
            comparison.add(
                name,
                times.entrySet().stream()
                    .filter(task -> task.getKey().name().equals(name))
                    .map(task -> task.getValue().medianMillis())
                    .toList(),
                each.stream().map(map -> map.bytes().length).toList(),
                each.stream().map(EncodedMap::pngBytes).toList()));
    return comparison;
  }

  private void addTasks(
      String kind,
      List<Mask> maps,
      ConfidenceLevels rounding,
      Map<Task, Runnable> tasks,
      Map<String, List<EncodedMap>> encoded) {
    String what =
        rounding.count() == ConfidenceLevels.ALL
            ? kind
            : kind + ", " + rounding.count() + " levels";
    List<Integer> png = maps.stream().map(map -> pngBytes(rounding.round(map))).toList();
    for (MaskFormat format : MaskFormat.values()) {
      String name = what + ", " + format.name().toLowerCase(Locale.ROOT);
      List<EncodedMap> each = new ArrayList<>();
      for (int i = 0; i < maps.size(); i++) {
        Mask map = maps.get(i);
        EncodedMap one = proven(rounding.round(map), format, png.get(i));
        each.add(one);
        tasks.put(new Task(name + ", encode", i), () -> format.codec().encode(rounding.round(map)));
        tasks.put(new Task(name + ", decode", i), () -> decoded(one, format));
      }
      encoded.put(name + ", encode", each);
      encoded.put(name + ", decode", each);
    }
  }

  /** Returns the size as a PNG of 8-bit grey, with the better of two filters. */
  private static int pngBytes(Mask map) {
    int least = Integer.MAX_VALUE;
    for (PngMaskCodec.Filter filter : PngMaskCodec.Filter.values()) {
      least = Math.min(least, new PngMaskCodec(filter).encode(map).length);
    }
    return least;
  }

  private static EncodedMap proven(Mask map, MaskFormat format, int pngBytes) {
    EncodedMap encoded = new EncodedMap(map, format.codec().encode(map), pngBytes);
    if (!Arrays.equals(decoded(encoded, format).values(), map.values())) {
      throw new BenchFailedException("A map came back from " + format + " as another");
    }
    return encoded;
  }

  private static Mask decoded(EncodedMap encoded, MaskFormat format) {
    try {
      Mask size = encoded.map();
      return format.codec().decode(encoded.bytes(), size.width(), size.height());
    } catch (MaskFormatException e) {
      throw new BenchFailedException("A map can't be read back: " + e.getMessage());
    }
  }
}
