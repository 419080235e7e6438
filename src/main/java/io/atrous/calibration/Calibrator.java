package io.atrous.calibration;

import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.SegmentationEngine;
import io.atrous.inference.onednn.OneDnnBackend;
import io.atrous.mask.Mask;
import io.atrous.model.ModelFile;
import io.atrous.model.Quantization;
import io.atrous.model.Quantization.Accuracy;
import io.atrous.network.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Finds how a model computes in eight bits.
 *
 * <p>First the scales: of activations by a {@link ScaleRule} from what is observed in fp32, of
 * weights by the greatest of each output channel. Then what each part of the network costs: its
 * labels when that part alone is in eight bits are compared with those of fp32 on the same images,
 * and parts that cost too much keep more bits. Last the whole on other images.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class Calibrator {

  /** Matches the part of a convolution's name that follows its residual block's. */
  private static final Pattern WITHIN_BLOCK = Pattern.compile("\\.(conv\\d+|downsample\\.0)$");

  private final ModelFile model;
  private final ScaleRule rule;
  private final double maxPartLoss;
  private final int threads;
  private final Progress progress;

  /** Hears how far a calibration is. */
  @FunctionalInterface
  public interface Progress {

    /**
     * Called after each step.
     *
     * @param total the number of steps
     */
    void done(int done, int total);
  }

  /**
   * A part of the network: a residual block, or a convolution outside of those.
   *
   * @param loss the mean IoU, in points, that it costs when it alone is in eight bits, compared
   *     with none being so
   * @param agreement the share of pixels that are then labelled as in fp32
   * @param taken whether it is in eight bits from now on
   */
  public record Part(String name, double loss, double agreement, boolean taken) {}

  /**
   * What came of it.
   *
   * @param model the model with its calibration, not yet written
   * @param parts the parts in the order of their names
   * @param comparison the whole on images that it was not calibrated on
   */
  public record Calibrated(ModelFile model, List<Part> parts, LabelComparison comparison) {}

  /**
   * A calibrator.
   *
   * @param maxPartLoss the most that a part may cost to be in eight bits, in points of mean IoU
   * @param threads the number of cores to compute on
   */
  public Calibrator(
      ModelFile model, ScaleRule rule, double maxPartLoss, int threads, Progress progress) {
    this.model = model;
    this.rule = rule;
    this.maxPartLoss = maxPartLoss;
    this.threads = threads;
    this.progress = progress;
  }

  /**
   * Calibrates.
   *
   * @param observed the images to calibrate on
   * @param heldOut the images to judge it on
   * @throws io.atrous.model.ModelFileException if the weights are damaged
   * @throws io.atrous.inference.EngineFailedException if this processor does not compute in eight
   *     bits
   */
  public Calibrated calibrate(CalibrationImages observed, CalibrationImages heldOut) {
    Quantization all = allInEightBits(observed);
    SortedMap<String, List<String>> parts = new TreeMap<>();
    all.weights()
        .keySet()
        .forEach(name -> parts.computeIfAbsent(part(name), any -> new ArrayList<>()).add(name));
    int steps = parts.size() + 3;
    progress.done(1, steps);
    List<Part> judged = new ArrayList<>();
    List<Mask> wide = labels(model, PrecisionChoice.FP32, observed);
    double without =
        compare(wide, model.with(only(all, part -> false, Accuracy.UNMEASURED)), observed).loss();
    progress.done(2, steps);
    for (String name : parts.keySet()) {
      Quantization alone = only(all, part -> part.equals(name), Accuracy.UNMEASURED);
      LabelComparison cost = compare(wide, model.with(alone), observed);
      double loss = cost.loss() - without;
      judged.add(new Part(name, loss, cost.agreement(), loss <= maxPartLoss));
      progress.done(2 + judged.size(), steps);
    }
    List<String> taken = judged.stream().filter(Part::taken).map(Part::name).toList();
    LabelComparison comparison =
        compare(
            labels(model, PrecisionChoice.FP32, heldOut),
            model.with(only(all, taken::contains, Accuracy.UNMEASURED)),
            heldOut);
    progress.done(steps, steps);
    int worst = comparison.worstClass();
    Accuracy accuracy =
        new Accuracy(
            rule.label(),
            observed.size(),
            heldOut.size(),
            heldOut.haveTruth(),
            comparison.agreement(),
            comparison.loss(),
            model.spec().classes().get(worst).name(),
            comparison.loss(worst));
    return new Calibrated(model.with(only(all, taken::contains, accuracy)), judged, comparison);
  }

  private static String part(String convolution) {
    return WITHIN_BLOCK.matcher(convolution).replaceFirst("");
  }

  /** The part of a calibration that is of some parts of the network. */
  private static Quantization only(
      Quantization all, Predicate<String> wantedParts, Accuracy accuracy) {
    Map<String, List<Float>> weights = new TreeMap<>(all.weights());
    weights.keySet().removeIf(name -> !wantedParts.test(part(name)));
    return new Quantization(all.activations(), weights, accuracy);
  }

  private Quantization allInEightBits(CalibrationImages observed) {
    return ActivationScales.allInEightBits(
        Weights.of(model),
        model.spec().normalization(),
        model.spec().inputHeight(),
        model.spec().inputWidth(),
        observed.images().stream().map(CalibrationImage::pixels).toList(),
        rule,
        threads,
        Accuracy.UNMEASURED);
  }

  private LabelComparison compare(List<Mask> wide, ModelFile quantized, CalibrationImages images) {
    List<Mask> narrow = labels(quantized, PrecisionChoice.INT8, images);
    LabelComparison comparison = new LabelComparison(model.spec().classes().size());
    for (int i = 0; i < narrow.size(); i++) {
      Mask truth = images.images().get(i).truth();
      comparison.add(truth == null ? wide.get(i) : truth, wide.get(i), narrow.get(i));
    }
    return comparison;
  }

  private List<Mask> labels(ModelFile file, PrecisionChoice precision, CalibrationImages images) {
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cpu(),
            precision,
            file.spec().inputHeight(),
            file.spec().inputWidth(),
            1,
            false,
            threads,
            Path.of(System.getProperty("java.io.tmpdir")));
    try (SegmentationEngine engine = new OneDnnBackend(System::nanoTime).start(file, settings)) {
      return images.images().stream().map(image -> image.labelledBy(engine)).toList();
    }
  }
}
