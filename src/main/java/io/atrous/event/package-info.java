/**
 * The wire contract: events generated from {@code schemas/}, Confluent's wire format, the schema
 * registry.
 */
@NullMarked
package io.atrous.event;

import org.jspecify.annotations.NullMarked;
