/// The ledger held against the sums that are kept beside it.
@NullMarked
package dev.tollgate.admin.reconciliation;

import org.jspecify.annotations.NullMarked;
