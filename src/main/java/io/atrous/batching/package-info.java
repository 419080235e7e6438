/** Groups concurrent requests into batches; knows neither images nor devices. */
@NullMarked
package io.atrous.batching;

import org.jspecify.annotations.NullMarked;
