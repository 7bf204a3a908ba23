/// The resources that the file and the environment ask for.
@NullMarked
package dev.tollgate.admin.desired;

import org.jspecify.annotations.NullMarked;
