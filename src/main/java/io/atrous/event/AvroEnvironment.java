package io.atrous.event;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.SystemLimitException;
import org.apache.avro.generic.GenericEnumSymbol;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * What Avro must be told once per JVM before it reads records of strangers: that our generated
 * classes, and those a serde is made for, may be instantiated (since 1.12.2 it refuses all classes
 * it wasn't told of), and how large a value may claim to be. Limits that the user has set as system
 * properties win.
 *
 * <p><b>Threading:</b> its methods may be called from anywhere, as often as one likes.
 */
final class AvroEnvironment {

  private static final int MAX_BYTES_LENGTH = 256 << 20;
  private static final int MAX_STRING_LENGTH = 4 << 20;
  private static final int MAX_COLLECTION_ITEMS = 1 << 20;

  /** The packages of generated classes that may be instantiated. */
  private static final Set<Package> TRUSTED = ConcurrentHashMap.newKeySet();

  static {
    // Avro reads these properties when it decodes for the first time.
    limit(SystemLimitException.MAX_BYTES_LENGTH_PROPERTY, MAX_BYTES_LENGTH);
    limit(SystemLimitException.MAX_STRING_LENGTH_PROPERTY, MAX_STRING_LENGTH);
    limit(SystemLimitException.MAX_COLLECTION_LENGTH_PROPERTY, MAX_COLLECTION_ITEMS);
    limit(SystemLimitException.MAX_COLLECTION_ALLOCATION_PROPERTY, MAX_COLLECTION_ITEMS);
    TRUSTED.add(AvroEnvironment.class.getPackage());
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), AvroEnvironment::isTrusted));
  }

  private AvroEnvironment() {}

  /** Returns when Avro is prepared. */
  static void prepare() {}

  /** Trusts a generated class, and those generated beside it, of which its fields are. */
  static void trust(Class<? extends SpecificRecord> type) {
    TRUSTED.add(type.getPackage());
  }

  private static void limit(String property, int limit) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(limit));
    }
  }

  /** Only what is generated, not whatever else lies in such a package. */
  private static boolean isTrusted(Class<?> type) {
    return TRUSTED.contains(type.getPackage())
        && (SpecificRecord.class.isAssignableFrom(type)
            || GenericEnumSymbol.class.isAssignableFrom(type));
  }
}
