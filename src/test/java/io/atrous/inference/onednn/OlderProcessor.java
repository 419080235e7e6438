package io.atrous.inference.onednn;

import io.atrous.inference.EngineFailedException;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.ModelFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A process that labels an image and prints the engine's precision and the labels, or why the
 * engine does not start: for processors that oneDNN takes for older than they are.
 */
final class OlderProcessor {

  static final int HEIGHT = 64;
  static final int WIDTH = 96;

  private OlderProcessor() {}

  public static void main(String[] precision) {
    System.out.println(labelled(PrecisionChoice.valueOf(precision[0])));
  }

  static String labelled(PrecisionChoice precision) {
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cpu(), precision, HEIGHT, WIDTH, 1, false, 1, Path.of("unused"));
    byte[] pixels = new byte[HEIGHT * WIDTH * 3];
    new SplittableRandom(5).nextBytes(pixels);
    ByteBuffer image = ByteBuffer.allocateDirect(pixels.length).put(0, pixels);
    try (SegmentationEngine engine =
        OneDnnEngine.start(ModelFile.shipped(), settings, System::nanoTime)) {
      byte[] labels = engine.segment(List.of(image)).get(0).labels();
      return engine.profile().precision() + " " + Base64.getEncoder().encodeToString(labels);
    } catch (EngineFailedException e) {
      return "no " + e.getMessage();
    }
  }
}
