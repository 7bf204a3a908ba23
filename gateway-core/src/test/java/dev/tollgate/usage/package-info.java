@NullMarked
package dev.tollgate.usage;

import org.jspecify.annotations.NullMarked;
