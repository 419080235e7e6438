package io.atrous.fuzz;

import java.util.List;

/**
 * Something that reads what strangers write. Found by {@link java.util.ServiceLoader}, so that each
 * lives beside what it tries, and every way of making inputs takes them all.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public interface FuzzTarget extends AutoCloseable {

  /** What messages and the folder of its corpus call it. */
  String name();

  /** Sound inputs: the same at each call. */
  List<byte[]> seeds();

  /** Pieces of its language: what changes the most in the fewest bytes. */
  default List<byte[]> words() {
    return List.of();
  }

  /**
   * Damages an input so that it is still worth reading.
   *
   * @param donor where foreign pieces come from
   */
  default byte[] damaged(Mutator mutator, byte[] input, byte[] donor) {
    return mutator.mutate(input, donor);
  }

  /** Makes right what an attacker would make right, such as checksums; may change the array. */
  default byte[] repaired(byte[] input) {
    return input;
  }

  /**
   * Reads an input, and checks what came of it.
   *
   * @return true if it was taken, false if it was refused in the way the reader promises
   * @throws Exception or any error, if the reader does not keep its promise
   */
  boolean reads(byte[] input) throws Exception;

  /** False if an input goes to another thread, where nobody sees what code it reaches. */
  default boolean runsInItself() {
    return true;
  }

  /** How many inputs each build tries. */
  default int casesPerBuild() {
    return 3_000;
  }

  /** How much heap one input may take on its thread. */
  default long maxAllocatedBytes() {
    return 16 << 20;
  }

  @Override
  default void close() {}
}
