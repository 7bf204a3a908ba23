@NullMarked
package dev.tollgate.admin.change;

import org.jspecify.annotations.NullMarked;
