/**
 * The HTTP server of metrics, health and pages for people: it shows what it is given, and decides
 * nothing.
 */
@NullMarked
package io.atrous.web;

import org.jspecify.annotations.NullMarked;
