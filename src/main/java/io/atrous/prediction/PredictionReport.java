package io.atrous.prediction;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.model.Model;
import io.atrous.model.ModelSpec;
import io.atrous.model.SegmentationClass;
import io.atrous.model.WholeFile;
import io.atrous.prediction.Prediction.ClassShare;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reports the results of many images, as one JSON file beside the results: what the values in the
 * masks mean, and the share of each class in each image.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class PredictionReport implements Predictor.Listener {

  private static final ObjectMapper JSON = new ObjectMapper();

  private record Document(Maker model, List<SegmentationClass> classes, List<Entry> images) {}

  private record Maker(String name, String version, String sha256) {}

  /** Of an image that was read, everything but the error; of any other, nothing but it. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Entry(
      String image,
      @Nullable Integer width,
      @Nullable Integer height,
      @Nullable String mask,
      @Nullable String overlay,
      @Nullable String confidence,
      @Nullable Map<String, Double> shares,
      @Nullable String error) {}

  private final Model model;
  private final Path folder;
  private final List<Entry> entries = new ArrayList<>();

  /**
   * An empty report.
   *
   * @param folder the results' folder, which their paths are told from
   */
  public PredictionReport(Model model, Path folder) {
    this.model = model;
    this.folder = folder;
  }

  @Override
  public void predicted(Prediction prediction) {
    Map<String, Double> shares = new LinkedHashMap<>();
    for (ClassShare share : prediction.shares()) {
      shares.put(share.name(), Math.round(share.share() * 1e6) / 1e6);
    }
    entries.add(
        new Entry(
            prediction.image().image().toString(),
            prediction.width(),
            prediction.height(),
            within(prediction.mask()),
            within(prediction.overlay()),
            within(prediction.confidence()),
            shares,
            null));
  }

  @Override
  public void failed(NamedImage image, String reason) {
    failed(image.image().toString(), reason);
  }

  /** As {@link #failed(NamedImage, String)}, for an image that has no path. */
  public void failed(String image, String reason) {
    entries.add(new Entry(image, null, null, null, null, null, null, reason));
  }

  private @Nullable String within(@Nullable Path result) {
    return result == null ? null : folder.relativize(result).toString().replace('\\', '/');
  }

  /** Writes what came so far to a file. */
  public void write(Path file) throws IOException {
    ModelSpec spec = model.spec();
    Document document =
        new Document(
            new Maker(spec.name(), spec.version(), model.sha256()),
            spec.classes().classes(),
            entries);
    byte[] json = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(document);
    WholeFile.write(file, out -> out.write(json));
  }
}
