/// The ledger, entry by entry.
@NullMarked
package dev.tollgate.admin.ledger;

import org.jspecify.annotations.NullMarked;
