package io.atrous.ingest;

import java.time.Instant;

/**
 * A picture of a camera.
 *
 * @param session names the unbroken stream that it came in
 * @param arrivedAt when it was there whole
 * @param jpeg the picture; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent")
record Picture(String session, Instant arrivedAt, byte[] jpeg) {}
