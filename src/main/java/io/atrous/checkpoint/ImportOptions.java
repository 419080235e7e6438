package io.atrous.checkpoint;

import io.atrous.model.ClassCatalog;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the user says of a checkpoint beside the file.
 *
 * @param outputStride 8 or 16, or null for the family's own
 * @param asppRates the rates of the dilated branches, or null for the family's own
 * @param freshDecoder true to start a new decoder and classifier after the checkpoint's ASPP
 * @param classes the number of classes, or null to take the checkpoint's number
 * @param seed the seed of the numbers of fresh tensors
 * @param prefix beginning of the names of the network's tensors, or null to look for it
 */
public record ImportOptions(
    @Nullable Integer outputStride,
    @Nullable List<Integer> asppRates,
    boolean freshDecoder,
    @Nullable Integer classes,
    long seed,
    @Nullable String prefix) {

  /** Takes everything as the checkpoint's project does. */
  public static final ImportOptions DEFAULT = new ImportOptions(null, null, false, null, 1, null);

  public ImportOptions {
    if (outputStride != null && outputStride != 8 && outputStride != 16) {
      throw new IllegalArgumentException("an output stride is 8 or 16, not " + outputStride);
    }
    if (asppRates != null) {
      asppRates = List.copyOf(asppRates);
      // Rate 1 is another kernel.
      if (asppRates.size() != 3 || asppRates.stream().anyMatch(rate -> rate < 2)) {
        throw new IllegalArgumentException(
            "the ASPP has three dilated branches, of rates above 1, not " + asppRates);
      }
    }
    if (classes != null && (classes < 1 || classes > ClassCatalog.IGNORE_INDEX)) {
      throw new IllegalArgumentException("a model has 1 to 255 classes, not " + classes);
    }
  }
}
