/** Reads PyTorch's own files, zip archives and pickles, without running what is in them. */
@NullMarked
package io.atrous.checkpoint.torch;

import org.jspecify.annotations.NullMarked;
