/**
 * Draws street scenes with exact ground truth: a small rasterizer of textured planes, and a street
 * made of them.
 */
@NullMarked
package io.atrous.dataset.scene;

import org.jspecify.annotations.NullMarked;
