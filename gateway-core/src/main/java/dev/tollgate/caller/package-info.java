/// Who is calling: keys, the caller they stand for, and how a request is attributed.
@NullMarked
package dev.tollgate.caller;

import org.jspecify.annotations.NullMarked;
