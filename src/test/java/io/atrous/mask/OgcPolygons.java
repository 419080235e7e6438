package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.GeometryFactory;
import org.locationtech.jts.geom.LinearRing;
import org.locationtech.jts.operation.valid.IsValidOp;

/** Polygons as JTS judges them, by the rules of OGC's Simple Features. */
final class OgcPolygons {

  private static final GeometryFactory GEOMETRY = new GeometryFactory();

  private OgcPolygons() {}

  /**
   * Asserts that JTS finds nothing wrong.
   *
   * @param where what the polygon was made of
   */
  static void assertValid(Polygon polygon, Supplier<String> where) {
    IsValidOp judge = new IsValidOp(geometry(polygon));
    assertThat(judge.isValid())
        .as(() -> "%s%n%s%n%s".formatted(judge.getValidationError(), polygon, where.get()))
        .isTrue();
  }

  private static org.locationtech.jts.geom.Polygon geometry(Polygon polygon) {
    return GEOMETRY.createPolygon(
        ring(polygon.outer()),
        polygon.holes().stream().map(OgcPolygons::ring).toArray(LinearRing[]::new));
  }

  private static LinearRing ring(List<Point> points) {
    return GEOMETRY.createLinearRing(
        Stream.concat(points.stream(), Stream.of(points.get(0)))
            .map(point -> new Coordinate(point.x(), point.y()))
            .toArray(Coordinate[]::new));
  }
}
