package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.atrous.dataset.SegmentationDataset;
import io.atrous.inference.torch.PyTorch;
import io.atrous.model.Normalization;
import io.atrous.network.TrainableNetwork;
import io.atrous.network.TrainingPass;
import io.atrous.training.Trainer.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TrainerTest {

  private static final SegmentationDataset DATASET = SmallScenes.dataset(5, 1);
  private static final Device CPU = Device.cpu();

  /** What a training leaves behind. */
  private record Outcome(List<Double> losses, Map<String, float[]> weights, Position position) {

    Map<String, List<Float>> exact() {
      Map<String, List<Float>> lists = new TreeMap<>();
      weights.forEach((name, values) -> lists.put(name, list(values)));
      return lists;
    }
  }

  private static List<Float> list(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }

  private static Outcome train(
      TrainingPlan plan,
      int steps,
      List<Device> devices,
      Map<String, float[]> weights,
      Position start) {
    List<Double> losses = new ArrayList<>();
    PyTorch.useThreads(plan.threads());
    try (NDManager manager = PyTorch.engine().newBaseManager();
        TrainableNetwork network = TrainableNetwork.of(SmallScenes.network(), manager, weights);
        Trainer trainer =
            new Trainer(
                manager,
                network,
                Normalization.IMAGENET,
                DATASET,
                plan,
                devices,
                2,
                start,
                System::nanoTime)) {
      for (int step = start.nextStep(); step < steps; step++) {
        losses.add(trainer.step(plan.schedule().rate(step, plan.length().done(step, 0))));
      }
      return new Outcome(losses, network.weights(), trainer.position());
    }
  }

  private static Outcome train(TrainingPlan plan, int steps) {
    return train(plan, steps, List.of(CPU), untrained(), Position.START);
  }

  private static Map<String, float[]> untrained() {
    return SmallScenes.weights(SmallScenes.network());
  }

  private static TrainingPlan plan(int batchSize, int accumulate, TrainingPass pass, long seed) {
    TrainingPlan plan = SmallScenes.plan(8, 0);
    return new TrainingPlan(
        batchSize,
        accumulate,
        plan.length(),
        plan.schedule(),
        plan.optimizer(),
        plan.classWeights(),
        plan.augmentation(),
        pass,
        0,
        seed,
        1);
  }

  @Test
  void endsInTheSameWeightsForTheSameSeed() {
    TrainingPass dropout = new TrainingPass(false, 0.2);
    Outcome once = train(plan(4, 1, dropout, 3), 4);
    Outcome again = train(plan(4, 1, dropout, 3), 4);
    Outcome other = train(plan(4, 1, dropout, 4), 4);

    assertThat(again.losses()).isEqualTo(once.losses());
    assertThat(again.exact()).isEqualTo(once.exact());
    assertThat(other.losses()).isNotEqualTo(once.losses());
  }

  /** As every thread does but the one that loaded PyTorch. */
  @Test
  void trainsOnAThreadThatRecordsGradientsAsWell() {
    Outcome expected = train(plan(4, 1, TrainingPass.PLAIN, 5), 2);
    boolean recording = JniUtils.isGradMode();
    JniUtils.setGradMode(true);
    try {
      assertThat(train(plan(4, 1, TrainingPass.PLAIN, 5), 2).exact()).isEqualTo(expected.exact());
      assertThat(JniUtils.isGradMode()).isTrue();
    } finally {
      JniUtils.setGradMode(recording);
    }
  }

  @Test
  void goesOnToTheVeryNumbersItWouldHaveComeTo() {
    TrainingPlan plan = plan(2, 2, new TrainingPass(false, 0.3), 6);
    Outcome whole = train(plan, 6);

    Outcome first = train(plan, 3);
    Outcome rest = train(plan, 6, List.of(CPU), first.weights(), first.position());

    assertThat(rest.losses()).isEqualTo(whole.losses().subList(3, 6));
    assertThat(rest.exact()).isEqualTo(whole.exact());
  }

  /** Ignored pixels beyond the images make the parts unequal. */
  @Test
  void addsUpBatchesToTheStepOfOneLargeBatchWhereBatchNormIsFrozen() {
    TrainingPass frozen = new TrainingPass(true, 0);
    Outcome large = train(plan(4, 1, frozen, 7), 3);
    Outcome parts = train(plan(1, 4, frozen, 7), 3);

    for (int step = 0; step < 3; step++) {
      assertThat(parts.losses().get(step))
          .isCloseTo(large.losses().get(step), withinPercentage(0.01));
    }
    assertThat(distance(parts.weights(), large.weights())).isLessThan(1e-3);
  }

  @Test
  void trainsReplicasAsOneNetworkWithTheWholeBatch() {
    TrainingPlan plan = plan(4, 1, TrainingPass.PLAIN, 8);
    Outcome one = train(plan, 3);
    Outcome replicas = train(plan, 3, Collections.nCopies(2, CPU), untrained(), Position.START);

    assertThat(replicas.losses().get(2)).isCloseTo(one.losses().get(2), withinPercentage(0.1));
    assertThat(distance(replicas.weights(), one.weights())).isLessThan(0.02);
  }

  @Test
  void leavesFrozenBatchNormAsItIsOverSeveralEpochs() {
    Map<String, float[]> before = untrained();
    Outcome trained = train(plan(4, 1, new TrainingPass(true, 0), 9), 5);

    trained
        .weights()
        .forEach(
            (name, values) -> {
              boolean statistic = name.contains(".running_");
              assertThat(Arrays.equals(values, before.get(name))).as(name).isEqualTo(statistic);
            });
  }

  @Test
  void takesBatchesOfOne() {
    assertThat(train(plan(1, 1, TrainingPass.PLAIN, 10), 3).losses()).allMatch(Double::isFinite);
  }

  @Test
  void refusesABatchThatItsDevicesCanNotShare() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                train(
                    plan(3, 1, TrainingPass.PLAIN, 1),
                    1,
                    Collections.nCopies(2, CPU),
                    untrained(),
                    Position.START))
        .withMessage("a batch of 3 can't be spread evenly over 2 devices");
  }

  /** ‖moved − expected‖₂ / ‖expected‖₂ of all that was trained. */
  private static double distance(Map<String, float[]> weights, Map<String, float[]> expected) {
    Map<String, float[]> before = untrained();
    double difference = 0;
    double all = 0;
    for (Map.Entry<String, float[]> tensor : expected.entrySet()) {
      float[] start = Objects.requireNonNull(before.get(tensor.getKey()));
      float[] values = Objects.requireNonNull(weights.get(tensor.getKey()));
      for (int i = 0; i < start.length; i++) {
        difference += Math.pow((double) values[i] - tensor.getValue()[i], 2);
        all += Math.pow((double) tensor.getValue()[i] - start[i], 2);
      }
    }
    return Math.sqrt(difference / all);
  }
}
