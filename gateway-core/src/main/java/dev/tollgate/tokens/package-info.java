/// What an upstream call used, in disjoint token classes, and how tokens are counted before the
/// fact.
@NullMarked
package dev.tollgate.tokens;

import org.jspecify.annotations.NullMarked;
