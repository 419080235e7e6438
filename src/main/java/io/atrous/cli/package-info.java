/** Turns arguments into one call; the only owner of standard output and exit codes. */
@NullMarked
package io.atrous.cli;

import org.jspecify.annotations.NullMarked;
