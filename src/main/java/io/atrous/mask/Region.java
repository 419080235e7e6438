package io.atrous.mask;

import org.jspecify.annotations.Nullable;

/**
 * One connected component of one class, in pixels of the frame.
 *
 * @param index its place among the frame's regions, from 0
 * @param classId the class index, as in the mask
 * @param areaPixels covered area, rounded
 * @param areaFraction covered area as a fraction of the frame, 0 to 1
 * @param box the bounding box
 * @param centroid the centre of gravity
 * @param polygon the outline
 * @param meanConfidence mean probability of its pixels, 0 to 1, or null without a confidence map
 * @param touchesBorder true if it reaches the frame's edge
 */
public record Region(
    int index,
    int classId,
    long areaPixels,
    double areaFraction,
    Box box,
    Point centroid,
    Polygon polygon,
    @Nullable Float meanConfidence,
    boolean touchesBorder) {}
