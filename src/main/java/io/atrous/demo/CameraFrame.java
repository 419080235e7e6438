package io.atrous.demo;

import io.atrous.event.FrameEncoding;
import io.atrous.mask.Mask;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a camera sends, and what is known about it.
 *
 * @param cameraId the camera, the key of its frames
 * @param sequence the frame's number at its camera, from 0
 * @param label the frame's id; unique in one demo
 * @param capturedAt when the picture was taken
 * @param payload the encoded image
 * @param truth the class of every pixel of the frame, or null if nobody knows
 */
@SuppressWarnings("ArrayRecordComponent")
record CameraFrame(
    String cameraId,
    long sequence,
    String label,
    Instant capturedAt,
    FrameEncoding encoding,
    byte[] payload,
    @Nullable Mask truth) {}
