package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.evaluation.ConfusionMatrix;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelFileException;
import io.atrous.training.TrainingRun.Listener;
import io.atrous.training.TrainingRun.Outcome;
import io.atrous.training.TrainingRun.StepReport;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {

  /** Where there is no space left on a device: Linux has it. */
  private static final Path FULL = Path.of("/dev/full");

  @TempDir private Path directory;
  private TrainingFiles files = new TrainingFiles(Path.of(""));
  private final Heard heard = new Heard();

  @BeforeEach
  void nameFiles() {
    files = new TrainingFiles(directory.resolve("small.safetensors"));
  }

  /** Notes what it hears; a test may do something at a step. */
  private static class Heard implements Listener {
    final List<StepReport> reports = new ArrayList<>();
    final List<Double> meanIoUs = new ArrayList<>();
    final List<String> troubles = new ArrayList<>();

    @Override
    public void afterStep(StepReport report) {
      reports.add(report);
    }

    @Override
    public void validated(int step, ConfusionMatrix matrix, boolean best) {
      meanIoUs.add(matrix.meanIntersectionOverUnion());
    }

    @Override
    public void troubled(String sentence) {
      troubles.add(sentence);
    }
  }

  private Outcome run(TrainingPlan plan, boolean resume, BooleanSupplier stop) {
    return run(plan, resume, stop, heard);
  }

  private Outcome run(TrainingPlan plan, boolean resume, BooleanSupplier stop, Listener listener) {
    return new TrainingRun(SmallScenes.subject(), plan, files, listener, System::nanoTime)
        .run(resume, stop);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(files.folder())) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private List<JsonNode> log() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(files.log())) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  @Test
  void leavesAModelALogAndCurvesAndNoCheckpoint() throws IOException {
    Outcome outcome = run(SmallScenes.plan(5, 2), false, () -> false);

    assertThat(outcome.finished()).isTrue();
    assertThat(outcome.steps()).isEqualTo(5);
    assertThat(names()).containsExactly("curves.png", "log.jsonl");
    assertThat(ModelFile.open(files.model()).spec()).isEqualTo(SmallScenes.spec());
    assertThat(heard.reports).hasSize(5);
    // Four crops a step, six images.
    assertThat(heard.reports.get(2).epoch()).isCloseTo(2, within(1e-9));
    assertThat(heard.troubles).isEmpty();
    BufferedImage curves = ImageIO.read(files.curves().toFile());
    assertThat(curves.getWidth()).isEqualTo(TrainingCurves.WIDTH);
  }

  @Test
  void logsEachStepAndEachValidation() throws IOException {
    run(SmallScenes.plan(5, 2), false, () -> false);

    List<JsonNode> log = log();
    assertThat(log.stream().filter(line -> line.has("loss")).map(line -> line.get("step").asInt()))
        .containsExactly(1, 2, 3, 4, 5);
    // The last one is measured as well.
    assertThat(
            log.stream().filter(line -> line.has("meanIoU")).map(line -> line.get("step").asInt()))
        .containsExactly(2, 4, 5);
    assertThat(log.get(0).get("loss").asDouble()).isEqualTo(heard.reports.get(0).loss());
    JsonNode validation = log.get(log.size() - 1);
    assertThat(validation.get("meanIoU").asDouble()).isEqualTo(heard.meanIoUs.get(2));
    assertThat(validation.get("iou").has("ground")).isTrue();
  }

  @Test
  void keepsTheBestModelByValidation() throws IOException {
    List<byte[]> models = new ArrayList<>();
    Heard copying =
        new Heard() {
          @Override
          public void validated(int step, ConfusionMatrix matrix, boolean best) {
            super.validated(step, matrix, best);
            try {
              models.add(Files.readAllBytes(files.model()));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };

    Outcome outcome = run(SmallScenes.plan(16, 2), false, () -> false, copying);

    int best = 0;
    for (int i = 1; i < copying.meanIoUs.size(); i++) {
      best = copying.meanIoUs.get(i) > copying.meanIoUs.get(best) ? i : best;
    }
    assertThat(outcome.bestStep()).isEqualTo(2 * best + 2);
    assertThat(outcome.bestMeanIoU()).isEqualTo(copying.meanIoUs.get(best));
    assertThat(Files.readAllBytes(files.model())).isEqualTo(models.get(best));
  }

  @Test
  void endsWithTheLastModelWhereNothingIsValidated() {
    Outcome outcome = run(SmallScenes.plan(3, 0), false, () -> false);

    assertThat(outcome.bestStep()).isNull();
    assertThat(ModelFile.open(files.model()).spec()).isEqualTo(SmallScenes.spec());
  }

  @Test
  void goesOnAfterAStopToTheVeryModelAndLogOfATrainingWithoutOne() throws IOException {
    TrainingPlan plan = SmallScenes.plan(7, 3);
    run(plan, false, () -> false);
    byte[] expected = Files.readAllBytes(files.model());
    List<Double> losses = heard.reports.stream().map(StepReport::loss).toList();
    List<Double> meanIoUs = List.copyOf(heard.meanIoUs);
    files = new TrainingFiles(directory.resolve("again.safetensors"));
    heard.reports.clear();
    heard.meanIoUs.clear();

    Outcome stopped = run(plan, false, () -> heard.reports.size() == 4);
    assertThat(stopped).isEqualTo(new Outcome(4, false, stopped.bestStep(), stopped.bestMeanIoU()));
    assertThat(names()).contains("checkpoint.json", "checkpoint-4.safetensors");
    Outcome finished = run(plan, true, () -> false);

    assertThat(finished.finished()).isTrue();
    assertThat(heard.reports.stream().map(StepReport::loss)).isEqualTo(losses);
    assertThat(heard.meanIoUs).isEqualTo(meanIoUs);
    assertThat(Files.readAllBytes(files.model())).isEqualTo(expected);
    assertThat(log().stream().filter(line -> line.has("loss"))).hasSize(7);
  }

  @Test
  void neitherOverwritesACheckpointNorGoesOnFromAnothers() {
    TrainingPlan plan = SmallScenes.plan(6, 2);
    run(plan, false, () -> heard.reports.size() == 3);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(plan, false, () -> false))
        .withMessageContaining("holds the checkpoint of a training after step 3")
        .withMessageContaining("--resume");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(SmallScenes.plan(8, 2), true, () -> false))
        .withMessageContaining("another training: plan.length.count was 6 and is 8");
    assertThat(run(plan, true, () -> false).finished()).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(plan, true, () -> false))
        .withMessageContaining("holds no checkpoint to go on from");
  }

  @Test
  void refusesADamagedCheckpoint() throws IOException {
    run(SmallScenes.plan(6, 2), false, () -> heard.reports.size() == 3);
    Path tensors = files.folder().resolve("checkpoint-3.safetensors");
    byte[] bytes = Files.readAllBytes(tensors);
    bytes[bytes.length - 1] ^= 1;
    Files.write(tensors, bytes);

    assertThatThrownBy(() -> run(SmallScenes.plan(6, 2), true, () -> false))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("is damaged")
        .hasMessageContaining("checkpoint-3.safetensors");
  }

  @Test
  void aFullDiskLosesNothingThatWasTrained() throws IOException {
    TrainingPlan plan = SmallScenes.plan(6, 2);
    run(plan, false, () -> false);
    byte[] expected = Files.readAllBytes(files.model());
    files = new TrainingFiles(directory.resolve("full.safetensors"));
    Heard filling =
        new Heard() {
          @Override
          public void afterStep(StepReport report) {
            if (report.step() == 3) {
              fill(files.folder().resolve("checkpoint-4.safetensors.partial"));
              fill(files.folder().resolve("curves.png.partial"));
              fill(files.model().resolveSibling("full.safetensors.partial"));
            }
          }
        };

    run(plan, false, () -> false, filling);

    assertThat(filling.troubles)
        .isNotEmpty()
        .allSatisfy(
            sentence ->
                assertThat(sentence)
                    .startsWith("can't write ")
                    .contains("No space left on device")
                    .contains("the checkpoint of step 2 in " + files.folder() + " is whole"));
    assertThat(Files.readAllBytes(files.model())).isEqualTo(expected);
  }

  @Test
  void aDiskThatIsStillFullAtTheEndLeavesTheLastCheckpoint() throws IOException {
    TrainingPlan plan = SmallScenes.plan(4, 0);
    Heard filling =
        new Heard() {
          @Override
          public void afterStep(StepReport report) {
            if (report.step() == 4) {
              fill(files.model().resolveSibling("small.safetensors.partial"));
            }
          }
        };

    assertThatThrownBy(() -> run(plan, false, () -> false, filling))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContaining("No space left on device")
        .hasMessageContaining("the checkpoint of step 4")
        .hasMessageContaining("--resume");
    assertThat(run(plan, true, () -> false).steps()).isEqualTo(4);
    assertThat(ModelFile.open(files.model()).spec()).isEqualTo(SmallScenes.spec());
  }

  private static void fill(Path partial) {
    assumeThat(FULL).exists();
    try {
      Files.createSymbolicLink(partial, FULL);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void endsWithASentenceWhereTheLossIsNoNumber() {
    TrainingPlan plan = SmallScenes.plan(40, 0);
    TrainingPlan wild =
        new TrainingPlan(
            plan.batchSize(),
            plan.accumulate(),
            plan.length(),
            new PolynomialSchedule(1e30, 0.9, 0, 1),
            plan.optimizer(),
            plan.classWeights(),
            plan.augmentation(),
            plan.pass(),
            0,
            1,
            1);

    assertThatThrownBy(() -> run(wild, false, () -> false))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageMatching("the loss of step \\d+ is (NaN|-?Infinity): the rate is too high .*");
  }

  @Test
  void ofAGivenTimeLetsTheRateFallByTheClock() {
    TrainingPlan plan = SmallScenes.plan(1, 0);
    TrainingPlan timed =
        new TrainingPlan(
            plan.batchSize(),
            plan.accumulate(),
            new TrainingLength.Time(1000),
            new PolynomialSchedule(1e-3, 1, 0, 1),
            plan.optimizer(),
            plan.classWeights(),
            plan.augmentation(),
            plan.pass(),
            0,
            1,
            1);
    AtomicLong nanos = new AtomicLong();
    Heard ticking =
        new Heard() {
          @Override
          public void afterStep(StepReport report) {
            super.afterStep(report);
            nanos.addAndGet(250);
          }
        };

    Outcome outcome =
        new TrainingRun(SmallScenes.subject(), timed, files, ticking, nanos::get)
            .run(false, () -> false);

    assertThat(outcome.steps()).isEqualTo(4);
    assertThat(ticking.reports)
        .extracting(StepReport::rate)
        .containsExactly(1e-3, 0.75e-3, 0.5e-3, 0.25e-3);
  }

  @Test
  void keepsAllOfACheckpoint() {
    run(SmallScenes.plan(6, 2), false, () -> heard.reports.size() == 3);

    TrainingCheckpoint checkpoint = new CheckpointFolder(files.folder()).read().orElseThrow();

    assertThat(checkpoint.position().nextStep()).isEqualTo(3);
    assertThat(Objects.requireNonNull(checkpoint.best()).step()).isEqualTo(2);
    assertThat(checkpoint.weights()).hasSameSizeAs(SmallScenes.weights(SmallScenes.network()));
    assertThat(checkpoint.position().optimizer())
        .containsKeys("conv1.weight.exp_avg", "conv1.weight.exp_avg_sq", "conv1.weight.step");
  }
}
