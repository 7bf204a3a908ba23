@NullMarked
package dev.tollgate.schema;

import org.jspecify.annotations.NullMarked;
