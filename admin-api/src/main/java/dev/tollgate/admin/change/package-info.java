/// What every change has in common: one transaction, an audit row, a new configuration version.
@NullMarked
package dev.tollgate.admin.change;

import org.jspecify.annotations.NullMarked;
