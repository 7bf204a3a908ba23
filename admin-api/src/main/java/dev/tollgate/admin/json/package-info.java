/// Reading JSON trees strictly, and writing them.
@NullMarked
package dev.tollgate.admin.json;

import org.jspecify.annotations.NullMarked;
