/**
 * What a model file says: its network's numbers, its classes, how it wants its input; and the file
 * itself.
 */
@NullMarked
package io.atrous.model;

import org.jspecify.annotations.NullMarked;
