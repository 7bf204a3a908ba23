/// Answers that need no upstream call.
@NullMarked
package dev.tollgate.reply;

import org.jspecify.annotations.NullMarked;
