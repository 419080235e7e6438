package io.atrous.mask;

/** The encodings of a mask; {@code docs/mask-format.md} specifies Atrous' own formats. */
public enum MaskFormat {
  /** Outlines followed from row to row: the smallest. */
  CHAIN_CODE,

  /** Runs, and copies of the row above: the fastest. */
  RUN_LENGTH,

  /** 8-bit grey PNG: for readers that know nothing else. */
  PNG;

  /** Returns the codec of this format. */
  public MaskCodec codec() {
    return switch (this) {
      case CHAIN_CODE -> new ChainCodeMaskCodec();
      case RUN_LENGTH -> new RunLengthMaskCodec();
      case PNG -> new PngMaskCodec();
    };
  }

  /**
   * The format of that name.
   *
   * @throws MaskFormatException if there is none, perhaps because this version is too old
   */
  public static MaskFormat named(String name) throws MaskFormatException {
    for (MaskFormat format : values()) {
      if (format.name().equals(name)) {
        return format;
      }
    }
    throw new MaskFormatException("the mask is encoded as " + name + ", which is not known here");
  }
}
