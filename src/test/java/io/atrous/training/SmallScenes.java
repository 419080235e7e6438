package io.atrous.training;

import ai.djl.Device;
import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.SegmentationDataset;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ModelSpec;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Normalization;
import io.atrous.model.ResizePolicy;
import io.atrous.model.SegmentationClass;
import io.atrous.model.StorageType;
import io.atrous.network.CostModel;
import io.atrous.network.TrainingPass;
import io.atrous.network.Weights;
import io.atrous.training.OptimizerSettings.Rule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Trainings that take seconds: rectangles and discs on a grey ground. */
final class SmallScenes {

  static final int HEIGHT = 48;
  static final int WIDTH = 64;
  static final ClassCatalog CLASSES =
      new ClassCatalog(
          List.of(
              new SegmentationClass("ground", 0x808080),
              new SegmentationClass("box", 0xC03020),
              new SegmentationClass("disc", 0x2040C0)));

  private SmallScenes() {}

  static SegmentationDataset dataset(int size, long seed) {
    return new SegmentationDataset() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public LabeledImage get(int index) {
        return scene(new Random(1000 * seed + index));
      }
    };
  }

  private static LabeledImage scene(Random random) {
    RgbImage image = RgbImage.allocate(WIDTH, HEIGHT);
    byte[] labels = new byte[WIDTH * HEIGHT];
    int boxX = random.nextInt(WIDTH - 20);
    int boxY = random.nextInt(HEIGHT - 16);
    int discX = 10 + random.nextInt(WIDTH - 20);
    int discY = 10 + random.nextInt(HEIGHT - 20);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        boolean box = x >= boxX && x < boxX + 20 && y >= boxY && y < boxY + 16;
        boolean disc = Math.hypot(x - discX, y - discY) < 9;
        int label = disc ? 2 : box ? 1 : 0;
        int noise = random.nextInt(24);
        labels[y * WIDTH + x] = (byte) label;
        image.setRgb(x, y, CLASSES.get(label).rgb() / 2 + 0x010101 * noise);
      }
    }
    return new LabeledImage(image, new Mask(WIDTH, HEIGHT, labels));
  }

  static TrainingData data() {
    return new TrainingData("small scenes", CLASSES, dataset(6, 1), dataset(3, 2));
  }

  static ModelSpec spec() {
    return new ModelSpec(
        "small", "1", CLASSES, HEIGHT, WIDTH, Normalization.IMAGENET, ResizePolicy.FIT);
  }

  static NetworkSpec network() {
    return NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, CLASSES.size());
  }

  static Map<String, float[]> weights(NetworkSpec network) {
    Weights untrained = Weights.untrained(network, 1);
    Map<String, float[]> weights = new LinkedHashMap<>();
    CostModel.parametersOf(network)
        .forEach(parameter -> weights.put(parameter.name(), untrained.tensor(parameter.name())));
    return weights;
  }

  static TrainingRun.Subject subject() {
    return new TrainingRun.Subject(
        data(), spec(), network(), weights(network()), StorageType.F32, List.of(Device.cpu()), 2);
  }

  static TrainingPlan plan(int steps, int validateEvery) {
    return new TrainingPlan(
        2,
        2,
        new TrainingLength.Steps(steps),
        new PolynomialSchedule(0.005, 0.9, 2, 2),
        new OptimizerSettings(Rule.ADAMW, 0.01, 0, false),
        List.of(1.0, 1.5, 2.0),
        new Augmentation(32, 48, 0.8, 1.2),
        new TrainingPass(false, 0.1),
        validateEvery,
        1,
        1);
  }
}
