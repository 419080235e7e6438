package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.evaluation.ConfusionMatrix;
import io.atrous.process.ChildJvm;
import io.atrous.training.TrainingRun.Listener;
import io.atrous.training.TrainingRun.StepReport;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A training that is killed goes on to the very model of one that was left alone. */
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
class KilledTrainingTest {

  private static final TrainingPlan PLAN = SmallScenes.plan(12, 4);

  @TempDir private Path directory;

  /** Trains in a process of its own, and says each step. */
  static final class Training {

    private Training() {}

    public static void main(String[] arguments) {
      new TrainingRun(
              SmallScenes.subject(),
              PLAN,
              new TrainingFiles(Path.of(arguments[0])),
              new Listener() {
                @Override
                public void afterStep(StepReport report) {
                  System.out.println(report.step() + " " + Double.doubleToLongBits(report.loss()));
                }

                @Override
                public void validated(int step, ConfusionMatrix matrix, boolean best) {
                  // The log has it.
                }

                @Override
                public void troubled(String sentence) {
                  System.out.println(sentence);
                }
              },
              System::nanoTime)
          .run(Boolean.parseBoolean(arguments[1]), () -> false);
    }
  }

  /** Runs until it ends, or until a step after which it is killed; what it said of its steps. */
  private static List<String> run(Path model, boolean resume, int lastStep)
      throws IOException, InterruptedException {
    Process process =
        ChildJvm.running(
                Training.class, List.of(), List.of(model.toString(), Boolean.toString(resume)))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<String> said = new ArrayList<>();
    try (BufferedReader out = process.inputReader()) {
      String line = out.readLine();
      while (line != null) {
        said.add(line);
        if (line.startsWith(lastStep + " ")) {
          process.destroyForcibly();
          break;
        }
        line = out.readLine();
      }
    } finally {
      process.destroyForcibly();
      process.waitFor();
    }
    return said;
  }

  @Test
  void goesOnToTheVeryNumbersOfOneThatWasLeftAlone() throws Exception {
    Path alone = directory.resolve("alone.safetensors");
    Path killed = directory.resolve("killed.safetensors");

    List<String> expected = run(alone, false, -1);
    assertThat(expected).hasSize(12);
    List<String> first = run(killed, false, 6);
    assertThat(new CheckpointFolder(new TrainingFiles(killed).folder()).read())
        .hasValueSatisfying(
            checkpoint -> assertThat(checkpoint.position().nextStep()).isEqualTo(4));
    List<String> second = run(killed, true, 10);
    List<String> third = run(killed, true, -1);

    // From the checkpoints of steps 4 and 8.
    assertThat(first).isEqualTo(expected.subList(0, 6));
    assertThat(second).isEqualTo(expected.subList(4, 10));
    assertThat(third).isEqualTo(expected.subList(8, 12));
    assertThat(Files.readAllBytes(killed)).isEqualTo(Files.readAllBytes(alone));
    assertThat(Files.readAllLines(new TrainingFiles(killed).log()))
        .hasSameSizeAs(Files.readAllLines(new TrainingFiles(alone).log()));
  }
}
