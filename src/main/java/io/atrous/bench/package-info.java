/** Measures networks, codecs and the whole service on this machine. */
@NullMarked
package io.atrous.bench;

import org.jspecify.annotations.NullMarked;
