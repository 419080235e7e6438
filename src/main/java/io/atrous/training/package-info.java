/** Fits and measures a model. */
@NullMarked
package io.atrous.training;

import org.jspecify.annotations.NullMarked;
