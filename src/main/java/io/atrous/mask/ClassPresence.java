package io.atrous.mask;

import org.jspecify.annotations.Nullable;

/**
 * A class that is present in a mask.
 *
 * @param classId the class index, as in the mask
 * @param pixelCount the number of mask pixels that it covers, at least 1
 * @param meanConfidence mean probability of those pixels, 0 to 1, or null without a confidence map
 */
public record ClassPresence(int classId, long pixelCount, @Nullable Float meanConfidence) {}
