package io.atrous.evaluation;

import io.atrous.inference.EngineProfile;
import io.atrous.model.Model;
import io.atrous.model.ModelSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What came of measuring a model on labelled frames.
 *
 * <p><b>Threading:</b> confined to one thread while frames are added; immutable after that.
 */
public final class Evaluation {

  /** So many of the frames with the lowest scores are kept to be looked at. */
  static final int WORST = 8;

  private final Model model;
  private final EngineProfile engine;
  private final TestProtocol protocol;
  private final ConfusionMatrix matrix;
  private final BoundaryScores boundaries;
  private final Calibration calibration = new Calibration();
  private final List<FrameScore> frames = new ArrayList<>();
  private final List<Observed> worst = new ArrayList<>();

  /** A frame's score and the masks that it comes from. */
  record Observed(FrameScore score, Observation observation) {

    private double meanIntersectionOverUnion() {
      return score.meanIntersectionOverUnion().orElse(1);
    }
  }

  /** A frame that has been compared with its truth. */
  record Compared(
      Observation observation,
      ConfusionMatrix matrix,
      BoundaryMatch boundaries,
      Calibration calibration) {

    static Compared of(Observation observation, int classes) {
      ConfusionMatrix matrix = new ConfusionMatrix(classes);
      matrix.add(observation.truth(), observation.labels());
      Calibration calibration = new Calibration();
      calibration.add(observation.truth(), observation.labels(), observation.confidence());
      return new Compared(
          observation,
          matrix,
          BoundaryMatch.of(observation.truth(), observation.labels(), classes),
          calibration);
    }
  }

  Evaluation(Model model, EngineProfile engine, TestProtocol protocol) {
    this.model = model;
    this.engine = engine;
    this.protocol = protocol;
    this.matrix = new ConfusionMatrix(spec().classes().size());
    this.boundaries = new BoundaryScores(spec().classes().size());
  }

  /** Adds the next frame. */
  void add(String name, Compared frame) {
    matrix.add(frame.matrix());
    boundaries.add(frame.boundaries());
    calibration.add(frame.calibration());
    FrameScore score = new FrameScore(frames.size(), name, ClassCounts.of(frame.matrix()));
    frames.add(score);
    worst.add(new Observed(score, frame.observation()));
    // A stable sort: of equal ones the first stays.
    worst.sort(Comparator.comparingDouble(Observed::meanIntersectionOverUnion));
    if (worst.size() > WORST) {
      worst.remove(WORST);
    }
  }

  public Model model() {
    return model;
  }

  ModelSpec spec() {
    return model.spec();
  }

  /** Returns how the model ran. */
  public EngineProfile engine() {
    return engine;
  }

  public TestProtocol protocol() {
    return protocol;
  }

  /** Returns the confusion of classes over all frames. */
  public ConfusionMatrix matrix() {
    return matrix;
  }

  public BoundaryScores boundaries() {
    return boundaries;
  }

  public Calibration calibration() {
    return calibration;
  }

  /** Returns the score of each frame, in their order. */
  List<FrameScore> frames() {
    return frames;
  }

  /** Returns the frames with the lowest scores, the lowest first. */
  List<Observed> worst() {
    return worst;
  }
}
