@NullMarked
package dev.tollgate.node.telemetry;

import org.jspecify.annotations.NullMarked;
