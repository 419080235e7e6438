package io.atrous.prediction;

import io.atrous.batching.Arrival;
import io.atrous.batching.BatchPolicy;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.ImageFile;
import io.atrous.frame.RgbImage;
import io.atrous.inference.EngineBackend;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.FrameFit;
import io.atrous.inference.InferenceMetrics;
import io.atrous.inference.LaneEngines;
import io.atrous.inference.Segmentation;
import io.atrous.inference.Segmenter;
import io.atrous.mask.Mask;
import io.atrous.mask.MaskRegions;
import io.atrous.mask.PngMaskCodec;
import io.atrous.mask.Region;
import io.atrous.mask.RegionExtractor;
import io.atrous.mask.RegionOptions;
import io.atrous.model.ClassCatalog;
import io.atrous.model.FileName;
import io.atrous.model.Model;
import io.atrous.model.ModelSpec;
import io.atrous.model.WholeFile;
import io.atrous.prediction.Prediction.ClassShare;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Segments image files and writes what was found: for each a mask, 8-bit grey class indices of the
 * image's size, each pixel being the network's nearest; and as asked for a picture and a map of
 * confidences.
 *
 * <p>Images are decoded and results encoded beside the network's work; a bounded number of images
 * is in memory. EXIF orientation is ignored as the service ignores it by default: mask and image
 * agree as stored.
 *
 * <p><b>Threading:</b> confined to its caller; workers and engine are its own.
 */
public final class Predictor implements AutoCloseable {

  /** Scans as PNG are larger than what cameras send. */
  private static final DecodeLimits LIMITS =
      new DecodeLimits(256 << 20, DecodeLimits.DEFAULT.maxPixels());

  /** Regions that a person would want to see outlined. */
  private static final RegionOptions OUTLINED = new RegionOptions(0.0005, 1000, 1, Set.of());

  /** A batch need not wait: images come faster than the network takes them. */
  private static final Duration QUEUE_DELAY = Duration.ofMillis(2);

  private static final double OPACITY = 0.5;
  private static final int JPEG_QUALITY = 92;

  private final Segmenter segmenter;
  private final ClassCatalog classes;
  private final PredictionOptions options;
  private final LongSupplier nanoTime;
  private final FrameFit fit;
  private final Deque<Scratch> idle = new ArrayDeque<>();
  private final ExecutorService workers;

  /** Hears what came of each image, in the order of the images. */
  public interface Listener {

    /** An image's results are written. */
    void predicted(Prediction prediction);

    /**
     * An image could not be read.
     *
     * @param reason one sentence's end, such as "the JPEG is damaged or incomplete"
     */
    void failed(NamedImage image, String reason);
  }

  /** What an image needs while it is worked on; one image's at a time. */
  private record Scratch(FrameDecoder decoder, ByteBuffer slot, RegionExtractor regions) {}

  /**
   * An image in its scratch's slot.
   *
   * @param pixels of all of it; null if nobody will look at them
   */
  private record OpenImage(FrameGeometry geometry, @Nullable RgbImage pixels) {}

  private record Pending(
      NamedImage image, Scratch scratch, CompletableFuture<Prediction> prediction) {}

  private static final class UnreadableImageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    UnreadableImageException(String reason) {
      super(reason);
      this.reason = reason;
    }

    UnreadableImageException(String reason, Throwable cause) {
      super(reason, cause);
      this.reason = reason;
    }
  }

  /**
   * Starts the engine and the workers.
   *
   * @param settings how the model runs; with confidences if the options want them
   * @param backend what it runs on
   * @param options what to write
   * @param nanoTime a clock
   * @throws io.atrous.model.ModelFileException if the model can't be used
   * @throws IllegalArgumentException if the settings ask for what is not here
   */
  public static Predictor start(
      Model model,
      EngineSettings settings,
      EngineBackend backend,
      PredictionOptions options,
      LongSupplier nanoTime) {
    LaneEngines engines = LaneEngines.of(model, settings, backend);
    // One batch in each lane while the next one forms, and one image to spare.
    int scratchCount = (engines.count() + 1) * settings.maxBatchSize() + 1;
    Segmenter segmenter =
        Segmenter.start(
            new BatchPolicy(settings.maxBatchSize(), QUEUE_DELAY, scratchCount),
            engines.count(),
            engines::startNext,
            InferenceMetrics.unread(nanoTime));
    return new Predictor(
        segmenter, model.spec(), options, settings.threads(), scratchCount, nanoTime);
  }

  private Predictor(
      Segmenter segmenter,
      ModelSpec model,
      PredictionOptions options,
      int threads,
      int scratchCount,
      LongSupplier nanoTime) {
    this.segmenter = segmenter;
    this.classes = model.classes();
    this.options = options;
    this.nanoTime = nanoTime;
    this.fit = new FrameFit(model, segmenter.profile());
    this.workers = Executors.newFixedThreadPool(threads);
    for (int i = 0; i < scratchCount; i++) {
      idle.add(
          new Scratch(
              new FrameDecoder(LIMITS),
              ByteBuffer.allocateDirect(fit.slotBytes()),
              new RegionExtractor(OUTLINED)));
    }
  }

  /**
   * Segments images.
   *
   * @throws IOException if a result can't be written
   * @throws RuntimeException if the engine failed
   */
  public void predict(List<NamedImage> images, Listener listener) throws IOException {
    Deque<Pending> pending = new ArrayDeque<>();
    try {
      for (NamedImage image : images) {
        if (idle.isEmpty()) {
          finish(pending.remove(), listener);
        }
        Scratch scratch = idle.remove();
        pending.add(new Pending(image, scratch, start(image, scratch)));
      }
      while (!pending.isEmpty()) {
        finish(pending.remove(), listener);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private CompletableFuture<Prediction> start(NamedImage image, Scratch scratch) {
    return CompletableFuture.supplyAsync(() -> open(image.image(), scratch), workers)
        .thenCompose(
            open ->
                segmenter
                    .segment(scratch.slot(), Arrival.at(nanoTime.getAsLong()))
                    .thenApplyAsync(
                        segmentation -> write(image, scratch, open, segmentation), workers));
  }

  private void finish(Pending pending, Listener listener) {
    try {
      listener.predicted(pending.prediction().join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof UnreadableImageException unreadable) {
        listener.failed(pending.image(), unreadable.reason);
      } else if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      } else {
        throw e;
      }
    }
    idle.add(pending.scratch());
  }

  private OpenImage open(Path file, Scratch scratch) {
    if (!FileName.isText(file)) {
      throw new UnreadableImageException(FileName.NOT_TEXT);
    }
    try {
      EncodedFrame frame = ImageFile.frame(file, LIMITS);
      FrameGeometry geometry = fit.fill(scratch.decoder(), frame, scratch.slot());
      return new OpenImage(
          geometry,
          options.overlay() == PredictionOptions.Picture.NONE
              ? null
              : scratch.decoder().decode(frame));
    } catch (FrameRejectedException | IOException e) {
      throw new UnreadableImageException(ImageFile.reason(e), e);
    }
  }

  private Prediction write(
      NamedImage image, Scratch scratch, OpenImage open, Segmentation segmentation) {
    int width = open.geometry().frameWidth();
    int height = open.geometry().frameHeight();
    EngineMask said = segmentation.mask();
    Mask labels = FrameFit.content(said.labels(), open.geometry());
    MaskRegions found = scratch.regions().extract(labels, null, width, height);
    try {
      Path mask = write(image, NamedImage.MASK, grey(labels.scaledTo(width, height)));
      Path overlay =
          switch (options.overlay()) {
            case NONE -> null;
            case JPG ->
                write(
                    image,
                    NamedImage.OVERLAY_JPG,
                    FrameEncoder.jpeg(picture(open.pixels(), labels, found), JPEG_QUALITY));
            case PNG ->
                write(
                    image,
                    NamedImage.OVERLAY_PNG,
                    FrameEncoder.png(picture(open.pixels(), labels, found)));
          };
      byte[] confidences = said.confidence();
      Path confidence =
          confidences == null || !options.confidence()
              ? null
              : write(
                  image,
                  NamedImage.CONFIDENCE,
                  grey(FrameFit.content(confidences, open.geometry()).scaledTo(width, height)));
      return new Prediction(image, width, height, mask, overlay, confidence, shares(found, labels));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] grey(Mask mask) {
    return new PngMaskCodec().encode(mask);
  }

  private RgbImage picture(@Nullable RgbImage image, Mask labels, MaskRegions found) {
    Overlay overlay = new Overlay(Objects.requireNonNull(image)).tint(labels, classes, OPACITY);
    for (Region region : found.regions()) {
      overlay.outline(region.polygon(), classes.get(region.classId()).rgb());
    }
    return overlay.image();
  }

  private List<ClassShare> shares(MaskRegions found, Mask labels) {
    double pixels = (double) labels.width() * labels.height();
    return found.classes().stream()
        .map(
            present ->
                new ClassShare(
                    classes.get(present.classId()).name(), present.pixelCount() / pixels))
        .sorted(Comparator.comparingDouble(ClassShare::share).reversed())
        .toList();
  }

  private Path write(NamedImage image, String suffix, byte[] bytes) throws IOException {
    Path file = image.result(options.folder(), suffix);
    Path folder = file.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    WholeFile.write(file, out -> out.write(bytes));
    return file;
  }

  /** Ends workers and engine; what had begun is written whole or not at all. */
  @Override
  public void close() {
    workers.shutdownNow();
    segmenter.close();
  }
}
