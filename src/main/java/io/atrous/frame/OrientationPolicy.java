package io.atrous.frame;

/** What becomes of the EXIF orientation of a JPEG or PNG. */
public enum OrientationPolicy {
  /** The picture is taken as it is stored, and coordinates are those of its stored pixels. */
  IGNORE,
  /** The picture is turned upright, and coordinates are those of the upright picture. */
  APPLY
}
