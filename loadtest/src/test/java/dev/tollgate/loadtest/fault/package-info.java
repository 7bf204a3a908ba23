@NullMarked
package dev.tollgate.loadtest.fault;

import org.jspecify.annotations.NullMarked;
