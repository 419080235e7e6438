package io.atrous.settings;

import io.atrous.event.ModelReference;
import io.atrous.mask.ConfidenceLevels;
import io.atrous.mask.MaskFormat;
import io.atrous.mask.RegionOptions;
import io.atrous.model.ClassCatalog;
import io.atrous.model.SegmentationClass;
import io.atrous.stream.OutcomeHeaders;
import io.atrous.stream.ResultSettings;
import io.atrous.tracing.TraceHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** The keys of what masks and regions look like. */
public final class ResultKeys {

  public static final String MASK_CODEC = "mask.codec";
  public static final String MASK_CONFIDENCE = "mask.confidence";
  public static final String MASK_CONFIDENCE_LEVELS = "mask.confidence.levels";
  public static final String REGIONS_MAX_PER_FRAME = "regions.max.per.frame";
  public static final String REGIONS_MAX_POINTS_PER_POLYGON = "regions.max.points.per.polygon";
  public static final String REGIONS_MAX_POINTS_PER_FRAME = "regions.max.points.per.frame";
  public static final String REGIONS_MIN_AREA_FRACTION = "regions.min.area.fraction";
  public static final String REGIONS_TOLERANCE_PIXELS = "regions.tolerance.pixels";
  public static final String REGIONS_IGNORED_CLASSES = "regions.ignored.classes";
  public static final String HEADERS_COPIED = "outcome.headers.copied";
  public static final String HEADERS_MAX_BYTES = "outcome.headers.max.bytes";

  /** What a record takes beside its key and value in a request, generously. */
  private static final int RECORD_OVERHEAD_BYTES = 1024;

  private ResultKeys() {}

  static void define(ConfigDef definition) {
    new KeyGroup(definition, "Masks and regions")
        .choice(
            MASK_CODEC,
            MaskFormat.CHAIN_CODE,
            "How masks and confidence maps are encoded: chain_code is the smallest, run_length the"
                + " fastest (docs/mask-format.md), png for readers that know nothing else.")
        .choice(
            MASK_CONFIDENCE,
            ConfidenceDetail.MEAN,
            "none skips the softmax; mean gives one number per class and region; map adds a map of"
                + " the mask's size.")
        .integer(
            MASK_CONFIDENCE_LEVELS,
            16,
            ConfidenceLevels.FEWEST,
            ConfidenceLevels.ALL,
            "How many different confidences a map may hold: each is rounded to the nearest. A map"
                + " of 256 is exact and takes several times as much as one of 16, which is off by"
                + " 3 % at most.")
        .integer(
            REGIONS_MAX_PER_FRAME,
            256,
            0,
            65_535,
            "The most regions of a frame; the largest are kept and the mask event says so.")
        .integer(
            REGIONS_MAX_POINTS_PER_POLYGON,
            1_024,
            RegionOptions.MIN_POINTS,
            65_535,
            "The most points of a region's outline and holes. A ring with more is simplified further"
                + " than "
                + REGIONS_TOLERANCE_PIXELS
                + " says, and the smallest holes are left out; the polygon says so.")
        .integer(
            REGIONS_MAX_POINTS_PER_FRAME,
            32_768,
            RegionOptions.MIN_POINTS,
            1 << 24,
            "The most points of all polygons of a frame; the largest regions are kept and the mask"
                + " event says so. At least "
                + REGIONS_MAX_POINTS_PER_POLYGON
                + ".")
        .decimal(
            REGIONS_MIN_AREA_FRACTION,
            0.0002,
            0.0,
            1.0,
            "Regions smaller than this fraction of the frame are left out.")
        .decimal(
            REGIONS_TOLERANCE_PIXELS,
            1.0,
            0.0,
            1_000.0,
            "How far a simplified outline may be from the exact one, in mask pixels.")
        .list(
            REGIONS_IGNORED_CLASSES, "Names of classes that get no regions, such as a background.")
        .optional(
            HEADERS_COPIED,
            ConfigDef.Type.LIST,
            List.of(),
            ConfigDef.LambdaValidator.with(
                ResultKeys::ensureOthersHeaders, () -> "names of headers"),
            "Names of headers of a frame's record that its masks, regions and dead letters carry,"
                + " too. Those of traces are the service's own ("
                + TracingKeys.ENABLED
                + ").")
        .integer(
            HEADERS_MAX_BYTES,
            4_096,
            0,
            1 << 20,
            "The most bytes that the copied headers of a frame may take together: each of its"
                + " events carries them. A frame with more becomes a dead letter.");
  }

  private static void ensureOthersHeaders(String key, @Nullable Object value) {
    if (value instanceof List<?> names) {
      for (Object name : names) {
        if (TraceHeaders.NAMES.contains(String.valueOf(name).toLowerCase(Locale.ROOT))) {
          throw new ConfigException(
              "'%s': '%s' can't be copied, the service writes its own; set '%s'"
                  .formatted(key, name, TracingKeys.ENABLED));
        }
      }
    }
  }

  /** Whether the network is to say how sure it is. */
  static boolean wantConfidence(AbstractConfig config) {
    return detail(config) != ConfidenceDetail.NONE;
  }

  private static ConfidenceDetail detail(AbstractConfig config) {
    return Values.choice(config, ConfidenceDetail.class, MASK_CONFIDENCE);
  }

  /** How masks are written. */
  public static MaskFormat maskFormat(AbstractConfig config) {
    return Values.choice(config, MaskFormat.class, MASK_CODEC);
  }

  /**
   * Which regions of a model's masks leave.
   *
   * @throws ConfigException if the model doesn't have a class that is to be ignored
   */
  public static RegionOptions regions(AbstractConfig config, ClassCatalog classes) {
    return regions(config, ignoredClasses(config, classes));
  }

  private static RegionOptions regions(AbstractConfig config, Set<Integer> ignoredClasses) {
    return Values.checked(
        REGIONS_MAX_POINTS_PER_FRAME + "' and '" + REGIONS_MAX_POINTS_PER_POLYGON,
        () ->
            new RegionOptions(
                config.getDouble(REGIONS_MIN_AREA_FRACTION),
                config.getInt(REGIONS_MAX_PER_FRAME),
                config.getDouble(REGIONS_TOLERANCE_PIXELS),
                config.getInt(REGIONS_MAX_POINTS_PER_POLYGON),
                config.getInt(REGIONS_MAX_POINTS_PER_FRAME),
                ignoredClasses));
  }

  private static Set<Integer> ignoredClasses(AbstractConfig config, ClassCatalog classes) {
    List<String> names = classes.classes().stream().map(SegmentationClass::name).toList();
    Set<Integer> ignored = new TreeSet<>();
    for (String name : config.getList(REGIONS_IGNORED_CLASSES)) {
      int index = names.indexOf(name);
      if (index < 0) {
        throw new ConfigException(
            "'%s': the model has no class '%s'; it has %s"
                .formatted(REGIONS_IGNORED_CLASSES, name, String.join(", ", names)));
      }
      ignored.add(index);
    }
    return ignored;
  }

  /** What results of a model look like. */
  public static ResultSettings results(
      AbstractConfig config, ModelReference model, RegionOptions regions) {
    return new ResultSettings(
        model,
        maskFormat(config),
        detail(config) == ConfidenceDetail.MAP
            ? new ConfidenceLevels(config.getInt(MASK_CONFIDENCE_LEVELS))
            : null,
        regions,
        new OutcomeHeaders(
            Set.copyOf(config.getList(HEADERS_COPIED)), config.getInt(HEADERS_MAX_BYTES)),
        KafkaClients.of(config).maxRequestBytes() - RECORD_OVERHEAD_BYTES,
        config.getInt(TopicKeys.DEAD_LETTERS_MAX_VALUE_BYTES));
  }

  static void check(AbstractConfig config) {
    var unused = regions(config, Set.of());
  }
}
