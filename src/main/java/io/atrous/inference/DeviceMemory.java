package io.atrous.inference;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/**
 * The memory of a device at one moment.
 *
 * @param usedBytes the bytes in use: on a CPU those that this process holds, on a GPU those of all
 *     processes
 * @param limitBytes the bytes that there are
 */
public record DeviceMemory(long usedBytes, long limitBytes) {

  /** Reads the memory of the CPU's machine; empty if the system doesn't tell. */
  public static Optional<DeviceMemory> ofCpu() {
    // In a container that of the container.
    long limitBytes =
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
    return ProcessMemory.current()
        .map(memory -> new DeviceMemory(memory.residentBytes(), limitBytes));
  }
}
