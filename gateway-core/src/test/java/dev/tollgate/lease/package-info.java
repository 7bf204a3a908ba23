/// The lease under faults.
@NullMarked
package dev.tollgate.lease;

import org.jspecify.annotations.NullMarked;
