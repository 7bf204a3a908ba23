@NullMarked
package dev.tollgate.policy;

import org.jspecify.annotations.NullMarked;
