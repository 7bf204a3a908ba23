package dev.tollgate.caller;

import java.util.List;

/// What a request shows for itself.
///
/// @param presented every credential in one of the headers that can carry a key
public record Credentials(List<String> presented, Peer peer) {

    public Credentials {
        presented = List.copyOf(presented);
    }

    @Override
    public String toString() {
        return "Credentials[" + presented.size() + " presented, " + peer + "]";
    }
}
