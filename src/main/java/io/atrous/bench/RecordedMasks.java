package io.atrous.bench;

import io.atrous.frame.DecodeLimits;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.PayloadEncoding;
import io.atrous.inference.EngineMask;
import io.atrous.inference.FrameFit;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.Model;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The masks that a network made of some pictures, to be replayed without it.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param height the height of every mask
 * @param width the width of every mask
 * @param masks labels and confidence
 */
record RecordedMasks(int height, int width, List<EngineMask> masks) {

  private static final int MAX_BYTES = 1 << 28;

  RecordedMasks {
    masks = List.copyOf(masks);
  }

  /** Has an engine look at every picture. */
  static RecordedMasks of(Footage footage, SegmentationEngine engine, Model model) {
    FrameFit fit = new FrameFit(model.spec(), engine.profile());
    FrameDecoder decoder =
        new FrameDecoder(new DecodeLimits(MAX_BYTES, footage.width() * footage.height()));
    ByteBuffer slot = ByteBuffer.allocateDirect(fit.slotBytes());
    List<EngineMask> masks = new ArrayList<>();
    for (byte[] jpeg : footage.jpegs()) {
      try {
        fit.fill(
            decoder,
            new EncodedFrame(PayloadEncoding.JPEG, null, null, ByteBuffer.wrap(jpeg)),
            slot);
      } catch (FrameRejectedException e) {
        throw new IllegalStateException("a picture of our own is no JPEG", e);
      }
      masks.addAll(engine.segment(List.of(slot)));
    }
    return new RecordedMasks(engine.profile().inputHeight(), engine.profile().inputWidth(), masks);
  }

  void write(Path file) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      out.writeInt(masks.size());
      out.writeInt(height);
      out.writeInt(width);
      for (EngineMask mask : masks) {
        out.write(mask.labels());
        out.write(mask.confidence() == null ? new byte[height * width] : mask.confidence());
      }
    }
  }

  static RecordedMasks read(Path file) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      int count = in.readInt();
      int height = in.readInt();
      int width = in.readInt();
      List<EngineMask> masks = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        masks.add(new EngineMask(in.readNBytes(height * width), in.readNBytes(height * width)));
      }
      return new RecordedMasks(height, width, masks);
    }
  }
}
