package io.atrous.event;

import org.apache.avro.SystemLimitException;
import org.apache.avro.generic.GenericEnumSymbol;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * What Avro must be told once per JVM before it reads records of strangers: that our generated
 * classes may be instantiated (since 1.12.2 it refuses all classes it wasn't told of), and how
 * large a value may claim to be. Limits that the user has set as system properties win.
 *
 * <p><b>Threading:</b> {@link #prepare} may be called from anywhere, as often as one likes.
 */
final class AvroEnvironment {

  private static final int MAX_BYTES_LENGTH = 256 << 20;
  private static final int MAX_STRING_LENGTH = 4 << 20;
  private static final int MAX_COLLECTION_ITEMS = 1 << 20;

  static {
    // Avro reads these properties when it decodes for the first time.
    limit(SystemLimitException.MAX_BYTES_LENGTH_PROPERTY, MAX_BYTES_LENGTH);
    limit(SystemLimitException.MAX_STRING_LENGTH_PROPERTY, MAX_STRING_LENGTH);
    limit(SystemLimitException.MAX_COLLECTION_LENGTH_PROPERTY, MAX_COLLECTION_ITEMS);
    limit(SystemLimitException.MAX_COLLECTION_ALLOCATION_PROPERTY, MAX_COLLECTION_ITEMS);
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), AvroEnvironment::isEventClass));
  }

  private AvroEnvironment() {}

  /** Returns when Avro is prepared. */
  static void prepare() {}

  private static void limit(String property, int limit) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(limit));
    }
  }

  /** Only what is generated from {@code schemas/}, not whatever else lies in this package. */
  private static boolean isEventClass(Class<?> type) {
    return type.getPackage() == AvroEnvironment.class.getPackage()
        && (SpecificRecord.class.isAssignableFrom(type)
            || GenericEnumSymbol.class.isAssignableFrom(type));
  }
}
