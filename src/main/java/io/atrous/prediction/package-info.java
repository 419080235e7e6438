/**
 * Images in files to masks and pictures of what is in them, the service's way but without Kafka.
 */
@NullMarked
package io.atrous.prediction;

import org.jspecify.annotations.NullMarked;
