package io.atrous.stream;

import io.atrous.batching.Arrival;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many frames a camera gets answered where another gets one, while both have some waiting.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param byCamera 1 to {@value Arrival#MAX_WEIGHT}, by camera; 1 for all others
 */
public record CameraWeights(Map<CameraId, Integer> byCamera) {

  public CameraWeights {
    byCamera.forEach(
        (camera, weight) -> {
          if (weight < 1 || weight > Arrival.MAX_WEIGHT) {
            throw new IllegalArgumentException(
                "the weight of camera '%s' is 1 to %d, not %d"
                    .formatted(camera, Arrival.MAX_WEIGHT, weight));
          }
        });
    byCamera = Map.copyOf(byCamera);
  }

  /** All cameras alike. */
  public static CameraWeights equal() {
    return new CameraWeights(Map.of());
  }

  /**
   * Reads weights as a configuration has them.
   *
   * @param entries such as {@code gate-7=4}; of several equals signs the last counts
   * @throws IllegalArgumentException in one sentence, if one can't be read or comes twice
   */
  public static CameraWeights parse(List<String> entries) {
    Map<CameraId, Integer> weights = new HashMap<>();
    for (String entry : entries) {
      int equals = entry.lastIndexOf('=');
      try {
        int weight = Integer.parseInt(entry.substring(equals + 1).strip());
        if (equals > 0
            && weights.put(CameraId.named(entry.substring(0, equals).strip()), weight) == null) {
          continue;
        }
      } catch (NumberFormatException e) {
        // Said below.
      }
      throw new IllegalArgumentException(
          "camera=weight, each camera once, is expected, not '" + entry + "'");
    }
    return new CameraWeights(weights);
  }

  int of(CameraId camera) {
    return byCamera.getOrDefault(camera, 1);
  }
}
