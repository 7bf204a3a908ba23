/// API keys of callers.
@NullMarked
package dev.tollgate.admin.key;

import org.jspecify.annotations.NullMarked;
