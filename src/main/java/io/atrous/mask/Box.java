package io.atrous.mask;

/** A rectangle in pixels of the frame; its right and bottom ends are exclusive. */
public record Box(double x, double y, double width, double height) {}
