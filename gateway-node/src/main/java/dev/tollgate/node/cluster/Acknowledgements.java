package dev.tollgate.node.cluster;

import dev.tollgate.budget.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Ids whose settlements this node has received, on their way to the book with its next command, so
/// that it can forget the results it keeps for repeats.
final class Acknowledgements {

    private final ConcurrentLinkedQueue<UUID> received = new ConcurrentLinkedQueue<>();

    void add(UUID id) {
        received.add(id);
    }

    /// At most [Command#ITEMS_MAX].
    List<UUID> take() {
        var first = received.poll();
        if (first == null) {
            return List.of();
        }
        var taken = new ArrayList<UUID>();
        for (var id = first; id != null; id = received.poll()) {
            taken.add(id);
            if (taken.size() == Command.ITEMS_MAX) {
                break;
            }
        }
        return taken;
    }

    /// The command that carried them may not have arrived.
    void putBack(List<UUID> ids) {
        received.addAll(ids);
    }
}
