@NullMarked
package dev.tollgate.loadtest.provider;

import org.jspecify.annotations.NullMarked;
