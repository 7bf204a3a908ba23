@NullMarked
package dev.tollgate.caller;

import org.jspecify.annotations.NullMarked;
