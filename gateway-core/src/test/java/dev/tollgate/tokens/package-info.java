@NullMarked
package dev.tollgate.tokens;

import org.jspecify.annotations.NullMarked;
