/// The frame: bytes in, a handler on a virtual thread, bytes out. Nothing outside sees Vert.x Web.
@NullMarked
package dev.tollgate.admin.http;

import org.jspecify.annotations.NullMarked;
