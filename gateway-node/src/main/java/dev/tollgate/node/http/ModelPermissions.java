package dev.tollgate.node.http;

import dev.tollgate.caller.Caller;

/// Which models a caller may use, for the lists of models. The path decides again on use.
@FunctionalInterface
public interface ModelPermissions {

    boolean permits(Caller caller, String model);
}
