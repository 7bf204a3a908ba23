/// Thresholds of budgets that were crossed.
@NullMarked
package dev.tollgate.admin.alert;

import org.jspecify.annotations.NullMarked;
