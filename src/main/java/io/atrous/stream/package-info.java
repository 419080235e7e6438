/**
 * Frames in; masks, regions or dead letters out; nothing committed before its outcome is written.
 */
@NullMarked
package io.atrous.stream;

import org.jspecify.annotations.NullMarked;
