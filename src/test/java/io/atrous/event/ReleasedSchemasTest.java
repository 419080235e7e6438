package io.atrous.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is on the wire somewhere must stay readable, and must be able to read what is new. */
final class ReleasedSchemasTest {

  private static final Path RELEASED = Path.of("schemas", "released");
  private static final Path CURRENT = Path.of("target", "current-schemas");

  static List<Class<? extends SpecificRecord>> eventTypes() {
    return EventSchemas.EVENT_TYPES;
  }

  @ParameterizedTest
  @MethodSource("eventTypes")
  void theCurrentSchemaIsTheLatestRelease(Class<? extends SpecificRecord> type) throws IOException {
    String current = SchemaFormatter.format("json/pretty", EventSchemas.of(type)) + "\n";
    Files.createDirectories(CURRENT);
    Files.writeString(CURRENT.resolve(file(type)), current);

    int latest = releases().get(releases().size() - 1);
    assertThat(current)
        .as(
            "%s differs from released version %d. If that is meant, release version %d:"
                + " mkdir schemas/released/%d && cp target/current-schemas/*.avsc"
                + " schemas/released/%d (schemas/README.md says more)",
            type.getSimpleName(), latest, latest + 1, latest + 1, latest + 1)
        .isEqualTo(Files.readString(released(latest, type)));
  }

  @ParameterizedTest
  @MethodSource("eventTypes")
  void everyReleaseAndTheCurrentSchemaReadEachOther(Class<? extends SpecificRecord> type)
      throws IOException {
    Schema current = EventSchemas.of(type);
    for (int version : releases()) {
      // Strict about names and defaults: a release is ours.
      Schema release = new Schema.Parser().parse(Files.readString(released(version, type)));
      assertReads("current reads version " + version, current, release);
      assertReads("version " + version + " reads current", release, current);
    }
  }

  @Test
  void releasesAreNumberedFromOneWithoutGapsAndHoldEveryEventType() throws IOException {
    for (int i = 0; i < releases().size(); i++) {
      assertThat(releases().get(i)).isEqualTo(i + 1);
      try (Stream<Path> files = Files.list(RELEASED.resolve(Integer.toString(i + 1)))) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .containsExactlyInAnyOrderElementsOf(
                eventTypes().stream().map(ReleasedSchemasTest::file).toList());
      }
    }
  }

  /** Every enum can grow, because who doesn't know a new symbol reads UNKNOWN. */
  @ParameterizedTest
  @MethodSource("eventTypes")
  void anEnumMayGrowWithoutBreakingOldReaders(Class<? extends SpecificRecord> type) {
    Schema current = EventSchemas.of(type);
    String grown = current.toString().replace("\"symbols\":[", "\"symbols\":[\"NEW_ONE\",");
    assertReads("an old reader reads a new symbol", current, new Schema.Parser().parse(grown));
  }

  private static void assertReads(String claim, Schema reader, Schema writer) {
    SchemaCompatibility.SchemaPairCompatibility pair =
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
    assertThat(pair.getType())
        .as("%s: %s", claim, pair.getResult().getIncompatibilities())
        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }

  private static List<Integer> releases() throws IOException {
    try (Stream<Path> directories = Files.list(RELEASED)) {
      return directories
          .map(directory -> Integer.valueOf(directory.getFileName().toString()))
          .sorted()
          .toList();
    }
  }

  private static Path released(int version, Class<?> type) {
    return RELEASED.resolve(Integer.toString(version)).resolve(file(type));
  }

  private static String file(Class<?> type) {
    return type.getSimpleName() + ".avsc";
  }
}
