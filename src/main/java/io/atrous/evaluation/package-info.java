/** Measures models on labelled frames, run as the service runs them. */
@NullMarked
package io.atrous.evaluation;

import org.jspecify.annotations.NullMarked;
