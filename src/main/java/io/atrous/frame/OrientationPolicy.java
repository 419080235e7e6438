package io.atrous.frame;

/** The use of a JPEG's or PNG's EXIF orientation. */
public enum OrientationPolicy {
  /** The picture is taken as it is stored, and coordinates are those of its stored pixels. */
  IGNORE,
  /** The picture is turned upright, and coordinates are those of the upright picture. */
  APPLY
}
