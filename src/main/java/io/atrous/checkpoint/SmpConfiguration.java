package io.atrous.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.atrous.model.ModelFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What segmentation_models.pytorch writes beside its weights: the arguments that the network was
 * made with.
 *
 * @param file where it stands
 * @param outputStride 8 or 16, or null if it isn't said
 * @param asppRates the rates of the dilated branches, or null if they aren't said
 */
record SmpConfiguration(
    Path file, @Nullable Integer outputStride, @Nullable List<Integer> asppRates) {

  private static final int ENCODER_DEPTH = 5;
  private static final int UPSAMPLING = 4;

  /**
   * Reads it.
   *
   * @throws ModelFileException if it is of a network that can't be imported
   */
  static SmpConfiguration of(Path file, JsonNode json) {
    String network = json.path("_model_class").asText("DeepLabV3Plus");
    boolean hasDecoder = network.equals("DeepLabV3Plus");
    require(file, hasDecoder || network.equals("DeepLabV3"), "_model_class", json);
    require(
        file,
        json.path("encoder_depth").asInt(ENCODER_DEPTH) == ENCODER_DEPTH,
        "encoder_depth",
        json);
    JsonNode stride = json.path("encoder_output_stride");
    require(
        file,
        stride.isMissingNode() || List.of(8, 16).contains(stride.asInt()),
        "encoder_output_stride",
        json);
    // Whatever else would make logits of another size than the image's.
    JsonNode upsampling = json.path("upsampling");
    int whole = hasDecoder ? UPSAMPLING : stride.asInt(8);
    require(file, !upsampling.isNumber() || upsampling.asDouble() == whole, "upsampling", json);
    JsonNode rates = json.path("decoder_atrous_rates");
    require(file, rates.isMissingNode() || isRates(rates), "decoder_atrous_rates", json);
    return new SmpConfiguration(
        file,
        stride.isMissingNode() ? null : stride.asInt(),
        rates.isMissingNode()
            ? null
            : StreamSupport.stream(rates.spliterator(), false).map(JsonNode::intValue).toList());
  }

  /** Returns options with what is said here where the user says nothing. */
  ImportOptions under(ImportOptions options) {
    return new ImportOptions(
        options.outputStride() == null ? outputStride : options.outputStride(),
        options.asppRates() == null ? asppRates : options.asppRates(),
        options.freshDecoder(),
        options.classes(),
        options.seed(),
        options.prefix());
  }

  private static boolean isRates(JsonNode rates) {
    return rates.isArray()
        && rates.size() == 3
        && StreamSupport.stream(rates.spliterator(), false)
            .allMatch(rate -> rate.isInt() && rate.intValue() > 1);
  }

  private static void require(Path file, boolean isPossible, String key, JsonNode json) {
    if (!isPossible) {
      throw new ModelFileException(
          "%s describes a network that can't be imported: %s is %s"
              .formatted(file, key, json.path(key)));
    }
  }
}
