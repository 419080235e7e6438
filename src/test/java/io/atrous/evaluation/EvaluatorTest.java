package io.atrous.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.dataset.DatasetException;
import io.atrous.dataset.LabeledFrame;
import io.atrous.dataset.LabeledFrames;
import io.atrous.dataset.scene.SceneFrames;
import io.atrous.dataset.scene.Split;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.PayloadEncoding;
import io.atrous.inference.EngineBackend;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.PreferredBackend;
import io.atrous.inference.onednn.OneDnnBackend;
import io.atrous.inference.torch.TorchScriptBackend;
import io.atrous.model.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluatorTest {

  private static final ModelFile STREET = ModelFile.shipped();
  private static final SceneFrames SCENES = new SceneFrames(Split.TEST, 1, 6, 320, 180, 85);

  private static final EngineBackend BACKEND =
      new PreferredBackend(
          new OneDnnBackend(System::nanoTime), new TorchScriptBackend(System::nanoTime));

  @TempDir private Path temporary;

  private Evaluation evaluate(LabeledFrames frames, int threads) {
    return Evaluator.evaluate(
        STREET,
        new EngineSettings(
            new ExecutionTarget.Cpu(), PrecisionChoice.FP32, 128, 224, 1, true, threads, temporary),
        new TestProtocol.Whole(),
        frames,
        BACKEND,
        (done, total) -> assertThat(done).isLessThanOrEqualTo(total));
  }

  @Test
  void givesTheSameBytesTwice() throws IOException {
    List<byte[]> written = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      Path folder = Files.createDirectory(temporary.resolve("run" + run));
      Evaluation first = evaluate(SCENES, 2);
      Evaluation second = evaluate(SCENES, 2);
      ComparisonReport comparison = ComparisonReport.of(first, second, 1);
      EvaluationReport report = EvaluationReport.of(first, "scenes");
      EvaluationPage.write(folder, first, report, comparison, SCENES);
      written.add(json(report));
      written.add(json(comparison));
      written.add(Files.readAllBytes(folder.resolve(EvaluationPage.FILE)));
      assertThat(comparison.mean().difference()).isZero();
      assertThat(comparison.mean().isClear()).isFalse();
    }

    for (int i = 0; i < 3; i++) {
      assertThat(written.get(i)).isEqualTo(written.get(i + 3)).isNotEmpty();
    }
  }

  private static byte[] json(Object report) throws JsonProcessingException {
    return new ObjectMapper().writeValueAsBytes(report);
  }

  @Test
  void writesOnePageThatNeedsNothingBesideIt() throws IOException {
    Evaluation evaluation = evaluate(SCENES, 1);
    EvaluationReport report = EvaluationReport.of(evaluation, "<b>\"scenes\" & more</b>");

    EvaluationPage.write(temporary, evaluation, report, null, SCENES);

    String page = Files.readString(temporary.resolve("index.html"));
    assertThat(page)
        .contains("&lt;b&gt;&quot;scenes&quot; &amp; more&lt;/b&gt;")
        .contains("<svg")
        .contains("data:image/jpeg;base64,")
        .contains("data:image/png;base64,");
    assertThat(page.replaceAll("base64,[^\"]+", ""))
        .doesNotContain("http", "NaN", "null", "src=\"/");
    assertThat(page.split("<figure>", -1)).hasSize(1 + SCENES.size());
  }

  @Test
  void countsEachFrameAndNamesTheWorst() {
    Evaluation evaluation = evaluate(SCENES, 2);

    EvaluationReport report = EvaluationReport.of(evaluation, "scenes");

    assertThat(report.images()).isEqualTo(6);
    assertThat(report.pixels()).isEqualTo(6 * 320 * 180);
    assertThat(report.perImage()).hasSize(6);
    assertThat(report.perImage().get(3).name()).isEqualTo("scene 3");
    double worst =
        report.perImage().stream()
            .mapToDouble(image -> Objects.requireNonNull(image.meanIoU()))
            .min()
            .orElseThrow();
    assertThat(
            EvaluationReport.rounded(evaluation.worst().get(0).score().meanIntersectionOverUnion()))
        .isEqualTo(worst);
    assertThat(EvaluationTable.of(report))
        .contains("mean IoU               0.")
        .contains("shown                  whole image, as the service does")
        .contains("(within 0.75 % of the diagonal)")
        .doesNotContain("NaN");
  }

  @Test
  void namesAFrameThatCanNotBeUsed() {
    LabeledFrames broken =
        new LabeledFrames() {
          @Override
          public int size() {
            return SCENES.size();
          }

          @Override
          public String name(int index) {
            return SCENES.name(index);
          }

          @Override
          public LabeledFrame get(int index) {
            LabeledFrame frame = SCENES.get(index);
            return index < 2
                ? frame
                : new LabeledFrame(
                    EncodedFrame.compressed(PayloadEncoding.JPEG, new byte[] {1, 2}),
                    frame.labels());
          }
        };

    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> evaluate(broken, 2))
        .withMessageStartingWith("Cannot use scene 2: ");
  }

  @Test
  void saysThatADeviceIsNotHere() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Evaluator.evaluate(
                    STREET,
                    new EngineSettings(
                        new ExecutionTarget.Cuda(9),
                        PrecisionChoice.FP32,
                        128,
                        224,
                        1,
                        true,
                        1,
                        temporary),
                    new TestProtocol.Whole(),
                    SCENES,
                    BACKEND,
                    (done, total) -> {}))
        .withMessageContaining("no cuda:9");
  }
}
