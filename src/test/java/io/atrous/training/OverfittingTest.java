package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.atrous.dataset.SegmentationDataset;
import io.atrous.inference.torch.PyTorch;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Normalization;
import io.atrous.network.TrainableNetwork;
import io.atrous.network.TrainingPass;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A network that can't learn four images by heart has something wrong with it. */
@Tag("slow")
class OverfittingTest {

  private static final int STEPS = 300;

  @Test
  void learnsFourImagesByHeart() {
    int classes = SmallScenes.CLASSES.size();
    SegmentationDataset four = SmallScenes.dataset(4, 3);
    NetworkSpec spec = NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 8, 16, 16, classes);
    CrossEntropy loss = new CrossEntropy(Collections.nCopies(classes, 1.0));
    List<Crop> images = IntStream.range(0, 4).mapToObj(i -> Crop.of(four.get(i))).toList();
    double weight = images.stream().mapToDouble(image -> loss.weight(image.labels())).sum();
    CropBatch batch = new CropBatch(images, weight, Normalization.IMAGENET, List.of(Device.cpu()));
    PolynomialSchedule schedule = new PolynomialSchedule(0.01, 0.9, 10, 1);
    PyTorch.useThreads(1);
    try (NDManager manager = PyTorch.engine().newBaseManager();
        TrainableNetwork network = TrainableNetwork.initialize(spec, manager, 1);
        Optimizer optimizer = new AdamW(manager, 0)) {
      TrainingStep step =
          new TrainingStep(
              network, loss, optimizer, TrainingPass.PLAIN, new PhaseClock(System::nanoTime));
      for (int number = 0; number < STEPS; number++) {
        double rate = schedule.rate(number, (double) number / STEPS);
        var unused = step.take(List.of(batch), schedule.rates(rate), 0, manager);
      }

      assertThat(
              new Validation(four, SmallScenes.spec())
                  .measure(network, manager)
                  .meanIntersectionOverUnion())
          .isGreaterThanOrEqualTo(0.99);
    }
  }
}
