package io.atrous.stream;

import io.atrous.event.ModelReference;
import io.atrous.mask.ConfidenceLevels;
import io.atrous.mask.MaskFormat;
import io.atrous.mask.RegionOptions;
import org.jspecify.annotations.Nullable;

/**
 * What results look like.
 *
 * @param model which model they come from
 * @param maskFormat of masks and confidence maps
 * @param confidenceLevels of the confidence map that masks carry; null if they carry none
 * @param regions which regions leave
 * @param headers which headers of its record a frame's events carry
 * @param maxRecordBytes the largest key, value and headers together that may be written
 * @param maxSourceBytes how much of the source record a dead letter carries at most: its value, and
 *     likewise its key and headers
 */
public record ResultSettings(
    ModelReference model,
    MaskFormat maskFormat,
    @Nullable ConfidenceLevels confidenceLevels,
    RegionOptions regions,
    OutcomeHeaders headers,
    int maxRecordBytes,
    int maxSourceBytes) {}
