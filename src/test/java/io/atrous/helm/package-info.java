/** Tests of the Helm chart: rendered by Helm itself, read as Kubernetes reads it. */
@NullMarked
package io.atrous.helm;

import org.jspecify.annotations.NullMarked;
