/** Weight files of other projects, read without running their code. */
@NullMarked
package io.atrous.checkpoint;

import org.jspecify.annotations.NullMarked;
