package io.atrous.stream;

import io.atrous.event.FrameEvent;
import io.atrous.frame.FrameGeometry;

/**
 * A frame whose pixels lie in a slot.
 *
 * @param event what the record said
 * @param geometry how the frame lies in the network's input
 * @param fetchNanos from its arrival until its payload was here; 0 if the event held it
 */
public record DecodedFrame(FrameEvent event, FrameGeometry geometry, long fetchNanos) {}
