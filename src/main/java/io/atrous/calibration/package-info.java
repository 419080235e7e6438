/**
 * Networks made ready to compute in eight bits: the scales of their numbers, which of their layers
 * can do with so few, and what labels that costs.
 */
@NullMarked
package io.atrous.calibration;

import org.jspecify.annotations.NullMarked;
