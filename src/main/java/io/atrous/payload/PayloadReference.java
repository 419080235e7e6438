package io.atrous.payload;

/**
 * A claim check: where a payload lies, and what it should be. Nothing in it has been checked.
 *
 * @param uri the payload's URI
 * @param sizeBytes its exact size; below 1 if nobody said
 * @param sha256 its SHA-256 in hexadecimal digits; empty if nobody said
 */
public record PayloadReference(String uri, long sizeBytes, String sha256) {}
