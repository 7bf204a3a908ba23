/// Every way the admin API says no, and the one place that renders it.
@NullMarked
package dev.tollgate.admin.problem;

import org.jspecify.annotations.NullMarked;
