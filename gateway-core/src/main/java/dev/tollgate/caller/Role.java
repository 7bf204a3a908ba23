package dev.tollgate.caller;

/// What a caller may administer. Deny by default: a role allows only what a route names.
public enum Role {
    ADMIN,
    AUDITOR,
    ORGANIZATION_ADMIN,
    TEAM_LEAD,
    MEMBER
}
