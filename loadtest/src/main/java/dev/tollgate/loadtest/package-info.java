@NullMarked
package dev.tollgate.loadtest;

import org.jspecify.annotations.NullMarked;
