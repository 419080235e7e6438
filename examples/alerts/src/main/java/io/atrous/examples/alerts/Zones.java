package io.atrous.examples.alerts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atrous.event.Box;
import io.atrous.event.ClassSummary;
import io.atrous.event.MaskEvent;
import io.atrous.event.MaskReader;
import io.atrous.event.RegionEvent;
import io.atrous.mask.Mask;
import io.atrous.mask.MaskFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The zones of all cameras, and what masks and regions say about them.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class Zones {

  private static final int MAX_RASTERS = 1_000;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private final List<Zone> zones;
  private final Map<Raster, BitSet> rasters = new ConcurrentHashMap<>();

  /** A zone's pixels in masks of one size. */
  private record Raster(Zone zone, int width, int height) {}

  Zones(List<Zone> zones) {
    Set<List<String>> names = new HashSet<>();
    for (Zone zone : zones) {
      if (!names.add(List.of(zone.camera(), zone.name()))) {
        throw new IllegalArgumentException(
            "Camera '%s' has two zones '%s'".formatted(zone.camera(), zone.name()));
      }
    }
    this.zones = List.copyOf(zones);
  }

  /**
   * Reads a file: a JSON array of {@link Zone}s.
   *
   * @throws IllegalArgumentException in one sentence, if it can't be read
   */
  static Zones read(Path file) {
    try {
      return new Zones(List.of(JSON.readValue(Files.readString(file), Zone[].class)));
    } catch (JsonProcessingException e) {
      String reason =
          e.getCause() instanceof IllegalArgumentException cause
              ? String.valueOf(cause.getMessage())
              : e.getOriginalMessage();
      throw new IllegalArgumentException("%s: %s".formatted(file, reason), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("Zones can't be read: " + e, e);
    }
  }

  /** The zones of a camera. */
  List<Zone> of(String camera) {
    return zones.stream().filter(zone -> zone.camera().equals(camera)).toList();
  }

  /**
   * How much of each zone of its camera a mask shows covered, by the zone's name.
   *
   * @throws MaskFormatException if the mask can't be decoded
   */
  Map<String, Double> shares(MaskEvent event) throws MaskFormatException {
    Map<String, Double> shares = new LinkedHashMap<>();
    List<Zone> ofCamera = of(event.getCameraId());
    if (!ofCamera.isEmpty()) {
      Mask mask = MaskReader.labels(event);
      for (Zone zone : ofCamera) {
        shares.put(zone.name(), share(zone, mask, event.getClasses()));
      }
    }
    return shares;
  }

  private double share(Zone zone, Mask mask, List<ClassSummary> present) {
    BitSet pixels = pixels(zone, mask);
    int ofClass = -1;
    for (ClassSummary summary : present) {
      ofClass = summary.getName().equals(zone.className()) ? summary.getClassId() : ofClass;
    }
    int wanted = ofClass;
    long covered = pixels.stream().filter(at -> (mask.values()[at] & 0xFF) == wanted).count();
    return (double) covered / pixels.cardinality();
  }

  private BitSet pixels(Zone zone, Mask mask) {
    if (rasters.size() > MAX_RASTERS) {
      rasters.clear();
    }
    return rasters.computeIfAbsent(
        new Raster(zone, mask.width(), mask.height()),
        raster -> zone.pixels(raster.width(), raster.height()));
  }

  /** The names of the zones that a region of their class touches, as far as its box tells. */
  List<String> touchedBy(RegionEvent region) {
    Box box = region.getBox();
    return of(region.getCameraId()).stream()
        .filter(zone -> zone.className().equals(region.getClassName()))
        .filter(
            zone ->
                zone.outline(region.getFrameWidth(), region.getFrameHeight())
                    .intersects(box.getX(), box.getY(), box.getWidth(), box.getHeight()))
        .map(Zone::name)
        .toList();
  }
}
