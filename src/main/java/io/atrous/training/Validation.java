package io.atrous.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.SegmentationDataset;
import io.atrous.evaluation.ConfusionMatrix;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.RgbImage;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.FrameFit;
import io.atrous.mask.Mask;
import io.atrous.model.ModelSpec;
import io.atrous.network.TrainableNetwork;
import java.util.List;

/**
 * Measures a network while it is trained: as it is, on whole images at the size at which it sees
 * them, padded as in the service.
 *
 * <p><b>Threading:</b> confined to the training thread.
 */
final class Validation {

  private final SegmentationDataset dataset;
  private final ModelSpec spec;

  Validation(SegmentationDataset dataset, ModelSpec spec) {
    this.dataset = dataset;
    this.spec = spec;
  }

  /** The confusion of all images of the set. */
  ConfusionMatrix measure(TrainableNetwork network, NDManager parent) {
    EngineProfile profile =
        new EngineProfile(
            parent.getDevice().toString(), "fp32", spec.inputHeight(), spec.inputWidth(), 1);
    FrameFit fit = new FrameFit(spec, profile);
    RgbImage slot = RgbImage.allocate(spec.inputWidth(), spec.inputHeight());
    ConfusionMatrix matrix = new ConfusionMatrix(spec.classes().size());
    for (int index = 0; index < dataset.size(); index++) {
      LabeledImage image = dataset.get(index);
      FrameGeometry geometry = fit.fill(image.image(), slot.pixels());
      Mask seen = FrameFit.content(labels(network, slot, parent), geometry);
      matrix.add(image.labels(), seen.scaledTo(image.labels().width(), image.labels().height()));
    }
    return matrix;
  }

  /** The part of an image of the input size that the network is given. */
  private byte[] labels(TrainableNetwork network, RgbImage image, NDManager parent) {
    Mask unknown =
        new Mask(image.width(), image.height(), new byte[image.width() * image.height()]);
    CropBatch batch =
        new CropBatch(
            List.of(Crop.of(new LabeledImage(image, unknown))),
            0,
            spec.normalization(),
            List.of(parent.getDevice()));
    try (NDManager scope = parent.newSubManager()) {
      NDArray logits = network.logits(batch.shards(scope).get(0).images(), false);
      return logits.argMax(1).toType(DataType.UINT8, false).toByteArray();
    }
  }
}
