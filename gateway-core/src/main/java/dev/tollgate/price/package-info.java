/// Money in whole nano-USD and prices in whole pico-USD a token. Nothing here is floating point.
@NullMarked
package dev.tollgate.price;

import org.jspecify.annotations.NullMarked;
