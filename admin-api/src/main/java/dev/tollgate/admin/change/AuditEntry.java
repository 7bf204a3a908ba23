package dev.tollgate.admin.change;

import dev.tollgate.admin.json.Tree;
import org.jspecify.annotations.Nullable;

/// What a change did to one resource. Secrets have no place in either tree.
///
/// @param before null for something new
/// @param after null for something gone
public record AuditEntry(
        String action,
        String resourceType,
        String resourceName,
        @Nullable Tree before,
        @Nullable Tree after) {}
