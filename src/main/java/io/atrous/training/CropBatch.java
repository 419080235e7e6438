package io.atrous.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atrous.frame.RgbImage;
import io.atrous.model.Normalization;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Crops that go to the devices as bytes and are normalised there, an equal part on each.
 *
 * <p><b>Threading:</b> confined to the training thread.
 *
 * @param crops the crops, all of one size, as many for each device
 * @param weight the weight of their labels in the loss
 * @param normalization the normalization that the network expects
 * @param devices the device of each replica
 */
record CropBatch(List<Crop> crops, double weight, Normalization normalization, List<Device> devices)
    implements MicroBatch {

  private static final float LEVELS = 255;

  @Override
  public List<Shard> shards(NDManager scope) {
    int each = crops.size() / devices.size();
    List<Shard> shards = new ArrayList<>();
    for (int i = 0; i < devices.size(); i++) {
      shards.add(
          shard(crops.subList(i * each, (i + 1) * each), scope.newSubManager(devices.get(i))));
    }
    return shards;
  }

  private Shard shard(List<Crop> part, NDManager scope) {
    int height = part.get(0).height();
    int width = part.get(0).width();
    int plane = height * width;
    ByteBuffer pixels = ByteBuffer.allocateDirect(part.size() * RgbImage.CHANNELS * plane);
    ByteBuffer labels = ByteBuffer.allocateDirect(part.size() * plane);
    for (Crop crop : part) {
      pixels.put(crop.planes());
      labels.put(crop.labels());
    }
    NDArray bytes =
        scope.create(
            pixels.rewind(),
            new Shape(part.size(), RgbImage.CHANNELS, height, width),
            DataType.UINT8);
    return new Shard(
        bytes
            .toType(DataType.FLOAT32, true)
            .sub(perChannel(normalization.mean(), scope))
            .div(perChannel(normalization.deviation(), scope)),
        scope.create(labels.rewind(), new Shape(part.size(), height, width), DataType.UINT8));
  }

  /** Of pixels of 0 to 255. */
  private static NDArray perChannel(List<Double> values, NDManager scope) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) (LEVELS * values.get(i));
    }
    return scope.create(floats, new Shape(1, floats.length, 1, 1));
  }
}
