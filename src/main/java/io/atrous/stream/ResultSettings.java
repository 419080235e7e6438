package io.atrous.stream;

import io.atrous.event.MaskEncoding;
import io.atrous.event.ModelReference;
import io.atrous.mask.MaskCodec;
import io.atrous.mask.RegionOptions;

/**
 * What results look like.
 *
 * @param model which model they come from
 * @param maskEncoding what events call {@code codec}
 * @param codec of masks and confidence maps; thread-safe
 * @param confidenceMap whether masks carry a confidence map
 * @param regions which regions leave
 * @param maxRecordBytes the largest key and value together that may be written
 * @param maxSourceBytes how much of the source record a dead letter carries at most: its value, and
 *     likewise its key and headers
 */
public record ResultSettings(
    ModelReference model,
    MaskEncoding maskEncoding,
    MaskCodec codec,
    boolean confidenceMap,
    RegionOptions regions,
    int maxRecordBytes,
    int maxSourceBytes) {}
