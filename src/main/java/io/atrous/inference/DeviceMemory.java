package io.atrous.inference;

/**
 * The memory of a device at one moment.
 *
 * @param usedBytes the bytes in use: on a CPU those that this process holds, on a GPU those of all
 *     processes
 * @param limitBytes the bytes that there are
 */
public record DeviceMemory(long usedBytes, long limitBytes) {}
