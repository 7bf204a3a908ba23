/// What a key may ask for: models, endpoints, sizes.
@NullMarked
package dev.tollgate.policy;

import org.jspecify.annotations.NullMarked;
