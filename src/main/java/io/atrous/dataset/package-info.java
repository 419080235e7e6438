/** Labelled images: what networks are trained on and measured with. */
@NullMarked
package io.atrous.dataset;

import org.jspecify.annotations.NullMarked;
