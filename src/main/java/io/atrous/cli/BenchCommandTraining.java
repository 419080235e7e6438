package io.atrous.cli;

import io.atrous.bench.TrainingBench;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.StreetClass;
import io.atrous.inference.torch.PyTorch;
import io.atrous.model.ModelSpec;
import io.atrous.model.ResizePolicy;
import io.atrous.model.StorageType;
import io.atrous.network.TrainingPass;
import io.atrous.training.Augmentation;
import io.atrous.training.OptimizerSettings;
import io.atrous.training.OptimizerSettings.Rule;
import io.atrous.training.PolynomialSchedule;
import io.atrous.training.SyntheticDataset;
import io.atrous.training.TrainingData;
import io.atrous.training.TrainingLength;
import io.atrous.training.TrainingPlan;
import io.atrous.training.TrainingRun;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous bench training}: the speed of a training's steps, and what of it goes where. */
@Command(
    name = "training",
    description = {
      "Takes steps of a training on synthetic scenes.",
      "Figures are of the median step; data is the wait for crops, which are made ahead on threads"
          + " of their own."
    },
    showDefaultValues = true)
final class BenchCommandTraining implements Callable<Integer> {

  private static final int SCENES = 16;

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private BenchOutput output = new BenchOutput();
  @Mixin private TrainingStart start = new TrainingStart();
  @Mixin private StepOptions step = new StepOptions();

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      split = ",",
      description = "Crops per step; several with commas.")
  private List<Integer> batchSizes = List.of(8);

  @Option(names = "--steps", paramLabel = "N", description = "How many steps to measure.")
  private int steps = 30;

  @Override
  public Integer call() {
    start.requireSensible();
    step.requireSensible();
    output.requireWritable();
    batchSizes.forEach(size -> invocation.requirePositive("--batch-size", size));
    TrainingBench bench =
        invocation.made("--steps", () -> new TrainingBench(steps, System::nanoTime));
    TrainingStart.Start beginning = start.open(StreetClass.catalog(), 1);
    output.show(
        invocation.out(),
        TrainingBench.machine(step.threads()),
        batchSizes.stream().map(size -> subject(beginning, size)).toList(),
        bench::measure);
    return 0;
  }

  private TrainingBench.Subject subject(TrainingStart.Start beginning, int batchSize) {
    Size input = beginning.input();
    Size crops = step.crop(input);
    SyntheticDataset scenes =
        new SyntheticDataset(Split.TRAINING, 1, SCENES, input.height(), input.width());
    TrainingRun.Subject training =
        new TrainingRun.Subject(
            new TrainingData("synthetic scenes", StreetClass.catalog(), scenes, scenes),
            new ModelSpec(
                "bench",
                "1",
                StreetClass.catalog(),
                input.height(),
                input.width(),
                beginning.normalization(),
                ResizePolicy.FIT),
            beginning.network(),
            beginning.weights(),
            StorageType.F32,
            invocation.made("--device", () -> PyTorch.devices(step.device())),
            step.workers());
    TrainingPlan plan =
        new TrainingPlan(
            batchSize,
            1,
            new TrainingLength.Steps(steps),
            new PolynomialSchedule(1e-4, 0, 0, 1),
            new OptimizerSettings(
                step.optimizer(), 1e-4, step.optimizer() == Rule.SGD ? 0.9 : 0, false),
            Collections.nCopies(StreetClass.catalog().size(), 1.0),
            new Augmentation(crops.height(), crops.width(), 0.5, 1.25),
            TrainingPass.PLAIN,
            0,
            1,
            step.threads());
    String name = "%s %s batch %d".formatted(beginning.network().summary(), crops, batchSize);
    return new TrainingBench.Subject(name, training, plan);
  }
}
