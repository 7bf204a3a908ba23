/// One span, one set of metrics and one outcome for every request, whatever happens to it.
@NullMarked
package dev.tollgate.usage;

import org.jspecify.annotations.NullMarked;
