package dev.tollgate.simulation;

import dev.tollgate.budget.Command;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One life's journal, as `Journal` of the node.
final class DiskJournal {

    final UUID incarnation;
    private final Map<UUID, Recorded> live = new LinkedHashMap<>();
    private final Map<String, Long> askedEpochs = new HashMap<>();

    DiskJournal(UUID incarnation) {
        this.incarnation = incarnation;
    }

    /// @param settle null while the attempt goes on
    record Recorded(String organization, Command.Hold hold, Command.@Nullable Settle settle) {}

    /// False for a hold of an epoch before the newest that was asked for.
    boolean appendHold(String organization, Command.Hold hold, long epoch) {
        if (epoch < askedEpochs.getOrDefault(organization, 0L)) {
            return false;
        }
        var before = live.get(hold.id());
        live.put(
                hold.id(),
                new Recorded(organization, hold, before == null ? null : before.settle()));
        return true;
    }

    boolean appendSettle(Command.Settle settle) {
        return live.computeIfPresent(
                        settle.id(),
                        (_, known) -> new Recorded(known.organization, known.hold, settle))
                != null;
    }

    List<Recorded> presents(String organization, long epoch) {
        askedEpochs.merge(organization, epoch, Math::max);
        return of(organization);
    }

    List<Recorded> of(String organization) {
        var found = new ArrayList<Recorded>();
        for (var recorded : live.values()) {
            if (recorded.organization.equals(organization)) {
                found.add(recorded);
            }
        }
        return found;
    }

    @Nullable Recorded get(UUID id) {
        return live.get(id);
    }

    void release(Collection<UUID> ids) {
        ids.forEach(live::remove);
    }

    boolean isEmpty() {
        return live.isEmpty();
    }
}
