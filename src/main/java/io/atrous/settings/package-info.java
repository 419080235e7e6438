/**
 * The service's configuration: one class of keys for each concern, and {@link
 * io.atrous.settings.ServiceConfig}, which merges and checks what is set.
 */
@NullMarked
package io.atrous.settings;

import org.jspecify.annotations.NullMarked;
