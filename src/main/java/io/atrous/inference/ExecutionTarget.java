package io.atrous.inference;

import java.util.Collections;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Where a network runs. One engine runs on one device; where a target means several, an engine of
 * its own takes the first.
 */
public sealed interface ExecutionTarget {

  /**
   * While one lane's masks are fetched and its next batch is gathered, the other's kernels run:
   * that keeps a device busy, and more lanes would only wait for each other.
   */
  int LANES_PER_CUDA_DEVICE = 2;

  /**
   * All CUDA devices that the process sees, if there are any, else the CPU. {@code
   * CUDA_VISIBLE_DEVICES} says which it sees.
   */
  record Auto() implements ExecutionTarget {
    @Override
    public String toString() {
      return "auto";
    }
  }

  /** This machine's cores. */
  record Cpu() implements ExecutionTarget {
    @Override
    public String toString() {
      return "cpu";
    }
  }

  /** All CUDA devices that the process sees; at least one. */
  record AllCuda() implements ExecutionTarget {
    @Override
    public String toString() {
      return "cuda";
    }
  }

  /**
   * A CUDA device.
   *
   * @param index as CUDA counts them, from 0
   */
  record Cuda(int index) implements ExecutionTarget {
    public Cuda {
      if (index < 0) {
        throw new IllegalArgumentException("there is no CUDA device " + index);
      }
    }

    @Override
    public String toString() {
      return "cuda:" + index;
    }
  }

  /**
   * The lanes that serve a target: one on a CPU, {@value #LANES_PER_CUDA_DEVICE} on each CUDA
   * device.
   *
   * @param cudaDevices counts the devices that this process sees; not asked if it does not matter
   * @return the device of each lane
   * @throws IllegalArgumentException if no device is here and one is meant
   */
  default List<ExecutionTarget> lanes(IntSupplier cudaDevices) {
    if (this instanceof Cpu) {
      return List.of(this);
    } else if (this instanceof Cuda) {
      return Collections.nCopies(LANES_PER_CUDA_DEVICE, this);
    }
    int devices = cudaDevices.getAsInt();
    if (devices > 0) {
      return IntStream.range(0, devices)
          .mapToObj(Cuda::new)
          .flatMap(device -> device.lanes(cudaDevices).stream())
          .toList();
    } else if (this instanceof Auto) {
      return List.of(new Cpu());
    }
    throw new IllegalArgumentException(
        "PyTorch sees no CUDA device here; choose cpu or auto, or build with -Pcu121");
  }

  /**
   * The target that a configuration names.
   *
   * @param text {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
   * @throws IllegalArgumentException if it is none of these
   */
  static ExecutionTarget parse(String text) {
    Matcher cuda = Pattern.compile("cuda:(\\d{1,3})").matcher(text);
    if (text.equals("auto")) {
      return new Auto();
    } else if (text.equals("cpu")) {
      return new Cpu();
    } else if (text.equals("cuda")) {
      return new AllCuda();
    } else if (cuda.matches()) {
      return new Cuda(Integer.parseInt(cuda.group(1)));
    }
    throw new IllegalArgumentException(
        "an execution target is auto, cpu, cuda or cuda:N (such as cuda:0), not '" + text + "'");
  }
}
