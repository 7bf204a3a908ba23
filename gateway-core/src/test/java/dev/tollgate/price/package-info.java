@NullMarked
package dev.tollgate.price;

import org.jspecify.annotations.NullMarked;
