@NullMarked
package dev.tollgate.node.settings;

import org.jspecify.annotations.NullMarked;
