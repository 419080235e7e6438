package io.atrous.mask;

/** A point in pixels of the frame: from its left edge, and from its top edge down. */
public record Point(double x, double y) {}
