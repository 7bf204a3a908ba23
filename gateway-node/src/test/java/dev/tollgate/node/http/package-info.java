@NullMarked
package dev.tollgate.node.http;

import org.jspecify.annotations.NullMarked;
