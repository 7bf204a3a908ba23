/// Providers, models and prices, read-only.
@NullMarked
package dev.tollgate.admin.catalogue;

import org.jspecify.annotations.NullMarked;
