package io.atrous.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.dataset.scene.SceneFrames;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.StreetClass;
import io.atrous.inference.onednn.OneDnnBackend;
import io.atrous.model.ModelFile;
import io.atrous.network.CostModel;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The model in the jar, in the half precision it is stored in, compiled as the service does. */
@Tag("slow")
class ShippedModelTest {

  private static final ModelFile MODEL = ModelFile.shipped();

  @Test
  void knowsTheStreetsOfTheTestSplit() {
    ConfusionMatrix matrix =
        new SceneEvaluation(new SceneFrames(Split.TEST, 1, 40, 448, 252, 85))
            .measure(MODEL, new OneDnnBackend(System::nanoTime), 1);

    assertThat(matrix.meanIntersectionOverUnion()).isGreaterThanOrEqualTo(0.75);
  }

  @Test
  void knowsThemInCamerasFramesToo() {
    ConfusionMatrix matrix =
        SceneEvaluation.ofFrames(Split.TEST, 12)
            .measure(MODEL, new OneDnnBackend(System::nanoTime), 1);

    assertThat(matrix.meanIntersectionOverUnion()).isGreaterThanOrEqualTo(0.75);
  }

  @Test
  void isSmallEnoughForTheJarAndACpu() throws IOException {
    try (InputStream in = ModelFile.class.getResourceAsStream("street.safetensors")) {
      assertThat(in).isNotNull();
      assertThat(in.readAllBytes().length).isLessThanOrEqualTo(4 << 20);
    }
    CostModel cost =
        CostModel.of(MODEL.network(), MODEL.spec().inputHeight(), MODEL.spec().inputWidth());

    assertThat(cost.multiplyAdds()).isLessThan(5_000_000_000L);
    assertThat(MODEL.spec().classes()).isEqualTo(StreetClass.catalog());
  }
}
