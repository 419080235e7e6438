package io.atrous.inference.torch;

import ai.djl.Device;
import ai.djl.util.Utils;
import ai.djl.util.cuda.CudaUtils;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Sha256;
import io.atrous.model.WholeFile;
import io.atrous.network.ConvUnit;
import io.atrous.network.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what {@link KernelSearch} found, a file for each {@link Key}, so that the next start need
 * not search.
 *
 * <p>It fails no start: a file that can't be used counts as none, and one that can't be written is
 * warned of.
 *
 * <p>A kernel may abort the process. So a file that a start uses has a mark beside it until the
 * cache is closed. A start that finds the mark of an earlier one ignores the file and searches
 * again.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class KernelCache implements AutoCloseable {

  /** Goes up when the files' content changes its meaning. */
  private static final int FORMAT_VERSION = 1;

  /** Where NVIDIA's driver says its version on Linux. */
  private static final Path DRIVER_VERSION = Path.of("/proc/driver/nvidia/version");

  private static final Logger LOG = LoggerFactory.getLogger(KernelCache.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final Set<Path> marks = ConcurrentHashMap.newKeySet();

  /**
   * What decides which kernels are the fastest.
   *
   * @param device the kind of device, since devices of one kind have the same kernels
   * @param libraries the versions of PyTorch, CUDA and the driver
   * @param batchSize the largest
   * @param height the images' height in pixels
   * @param width the images' width in pixels
   */
  record Key(
      String device,
      String libraries,
      NetworkSpec network,
      Precision precision,
      int batchSize,
      int height,
      int width) {

    static Key of(
        Device device,
        NetworkSpec network,
        Precision precision,
        int batchSize,
        int height,
        int width) {
      String kind = "cpu";
      String libraries = PyTorch.version();
      if (device.isGpu()) {
        // DJL does not tell a device's name.
        kind =
            "compute capability %s, %d GiB"
                .formatted(
                    CudaUtils.getComputeCapability(device.getDeviceId()),
                    CudaUtils.getGpuMemory(device).getMax() >> 30);
        libraries += ", CUDA " + CudaUtils.getCudaVersionString() + ", " + driver();
      }
      return new Key(kind, libraries, network, precision, batchSize, height, width);
    }

    private static String driver() {
      try {
        return Files.readString(DRIVER_VERSION).lines().findFirst().orElse("");
      } catch (IOException e) {
        return "unknown driver";
      }
    }

    /** The shapes of the network's convolutions in the largest batch. */
    Map<ConvUnit, ConvolutionShape> shapes() {
      return ConvolutionShape.of(network, batchSize, height, width);
    }
  }

  /**
   * The content of a file.
   *
   * @param kernels the kernel of each convolution, by name
   */
  private record Entry(int formatVersion, Key key, Map<String, ConvolutionKernel> kernels) {}

  /**
   * A cache in a directory.
   *
   * @param directory need not be there
   */
  KernelCache(Path directory) {
    this.directory = directory;
  }

  /** The cache in the directory in which DJL keeps its native libraries. */
  static KernelCache besideDjl() {
    return new KernelCache(Utils.getEngineCacheDir());
  }

  /** The kernels that were found for a key; empty if there are none, or none that can be used. */
  Optional<ConvolutionKernels> read(Key key) {
    Path file = file(key);
    if (!Files.exists(file)) {
      LOG.info("No search for kernels has been kept in {}", file);
      return Optional.empty();
    }
    if (Files.exists(mark(file))) {
      LOG.warn(
          "An earlier start with the kernels in {} did not end, so kernels are searched for again",
          file);
      delete(file);
      return Optional.empty();
    }
    try {
      ConvolutionKernels kernels = kernels(JSON.readValue(file.toFile(), Entry.class), key);
      setMark(file);
      LOG.info("kernels from {}: {}", file, kernels);
      return Optional.of(kernels);
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn(
          "{} can't be used, so kernels are searched for again: {}",
          file,
          String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      return Optional.empty();
    }
  }

  private void setMark(Path file) {
    Path mark = mark(file);
    try {
      Files.write(mark, new byte[0]);
      marks.add(mark);
    } catch (IOException e) {
      LOG.warn(
          "{} can't be written, so a kernel that aborts this start aborts the next one, too: {}",
          mark,
          e.toString());
    }
  }

  /** Takes the marks away: the start that uses what was read has not aborted the process. */
  @Override
  public void close() {
    marks.forEach(KernelCache::delete);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{} can't be deleted: {}", file, e.toString());
    }
  }

  private static ConvolutionKernels kernels(Entry entry, Key key) {
    require(entry != null && entry.formatVersion() == FORMAT_VERSION, "it has another format");
    require(key.equals(entry.key()), "it is of another device or network");
    Map<ConvUnit, ConvolutionKernel> chosen = new HashMap<>();
    key.shapes()
        .forEach(
            (unit, shape) -> {
              ConvolutionKernel kernel =
                  entry.kernels() == null ? null : entry.kernels().get(unit.name());
              require(
                  kernel != null && shape.candidates().contains(kernel),
                  "it has no kernel that computes " + unit.name());
              chosen.put(unit, kernel);
            });
    return new ConvolutionKernels(chosen);
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /** Keeps the kernels that were found for a key, in place of others if there are any. */
  void write(Key key, ConvolutionKernels found) {
    Map<String, ConvolutionKernel> kernels = new TreeMap<>();
    key.shapes().keySet().forEach(unit -> kernels.put(unit.name(), found.of(unit)));
    Path file = file(key);
    try {
      Files.createDirectories(directory);
      byte[] json = JSON.writeValueAsBytes(new Entry(FORMAT_VERSION, key, kernels));
      WholeFile.write(file, out -> out.write(json));
      delete(mark(file));
    } catch (IOException e) {
      LOG.warn("{} can't be written, so the next start searches again: {}", file, e.toString());
    }
  }

  private static Path mark(Path file) {
    return file.resolveSibling(file.getFileName() + ".in-use");
  }

  private Path file(Key key) {
    try {
      byte[] digest = Sha256.digest().digest(JSON.writeValueAsBytes(key));
      return directory.resolve(
          "atrous-kernels-" + HexFormat.of().formatHex(digest, 0, 16) + ".json");
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
