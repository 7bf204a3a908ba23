/// The configuration a node acts on: one immutable snapshot for each version.
@NullMarked
package dev.tollgate.config;

import org.jspecify.annotations.NullMarked;
