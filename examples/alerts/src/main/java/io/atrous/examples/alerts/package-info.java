/** Alerts from masks and regions: an example of a consumer. */
@NullMarked
package io.atrous.examples.alerts;

import org.jspecify.annotations.NullMarked;
