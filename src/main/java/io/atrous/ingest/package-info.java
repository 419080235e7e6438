/** Cameras taken in: a program for each reads its pictures, and they become frames on Kafka. */
@NullMarked
package io.atrous.ingest;

import org.jspecify.annotations.NullMarked;
