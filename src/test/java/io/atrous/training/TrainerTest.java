package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.atrous.dataset.SegmentationDataset;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.StreetClass;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Normalization;
import io.atrous.network.TrainableNetwork;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class TrainerTest {

  private static final int CLASSES = StreetClass.values().length;

  /** What a tiny training leaves behind. */
  private record Outcome(List<Double> losses, Map<String, List<Float>> weights) {}

  private static Outcome train(long seed, int steps) {
    SegmentationDataset dataset = new SyntheticDataset(Split.TRAINING, 1, 4, 64, 112);
    NetworkSpec spec = NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, CLASSES);
    TrainingPlan plan =
        new TrainingPlan(
            4,
            new PolynomialSchedule(0.01, steps, 0.9, 2),
            TrainingPlan.Rule.ADAMW,
            Collections.nCopies(CLASSES, 1.0),
            seed);
    List<Double> losses = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TrainableNetwork network = TrainableNetwork.initialize(spec, manager, seed);
        Trainer trainer =
            new Trainer(
                manager,
                network,
                Normalization.IMAGENET,
                dataset,
                new Augmentation(48, 64, 0.8, 1.2),
                plan)) {
      trainer.run((step, loss) -> losses.add(loss));
      Map<String, List<Float>> weights = new LinkedHashMap<>();
      network.weights().forEach((name, values) -> weights.put(name, list(values)));
      return new Outcome(losses, weights);
    }
  }

  private static List<Float> list(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }

  @Test
  void lowersTheLoss() {
    List<Double> losses = train(1, 40).losses();

    double early = losses.subList(0, 5).stream().mapToDouble(l -> l).average().orElseThrow();
    double late = losses.subList(35, 40).stream().mapToDouble(l -> l).average().orElseThrow();
    assertThat(late).isLessThan(0.75 * early);
  }

  @Test
  void endsInTheSameWeightsForTheSameSeed() {
    Outcome once = train(3, 4);
    Outcome again = train(3, 4);
    Outcome other = train(4, 4);

    assertThat(again).isEqualTo(once);
    assertThat(other.losses()).isNotEqualTo(once.losses());
  }

  /** As every thread does but the one that loaded PyTorch. */
  @Test
  void trainsOnAThreadThatRecordsGradientsAsWell() {
    Outcome expected = train(5, 2);
    boolean recording = JniUtils.isGradMode();
    JniUtils.setGradMode(true);
    try {
      assertThat(train(5, 2)).isEqualTo(expected);
      assertThat(JniUtils.isGradMode()).isTrue();
    } finally {
      JniUtils.setGradMode(recording);
    }
  }
}
