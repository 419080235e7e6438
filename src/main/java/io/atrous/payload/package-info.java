/**
 * Claim checks: payloads that lie elsewhere, fetched from the places that are allowed and from
 * nowhere else.
 */
@NullMarked
package io.atrous.payload;

import org.jspecify.annotations.NullMarked;
