/// Providers, the models they serve, and how a model name finds its deployment.
@NullMarked
package dev.tollgate.catalogue;

import org.jspecify.annotations.NullMarked;
