/// Properties that have to hold for any seed.
@NullMarked
package dev.tollgate.property;

import org.jspecify.annotations.NullMarked;
