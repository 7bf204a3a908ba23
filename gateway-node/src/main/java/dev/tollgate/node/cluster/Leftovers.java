package dev.tollgate.node.cluster;

import dev.tollgate.node.store.LedgerStore;
import dev.tollgate.node.store.LedgerStoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What earlier lives of this node held and settled, until the ledger has it; then their journal
/// files go.
final class Leftovers {

    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);
    private static final int LOOKED_UP_MAX = 500;

    private final JournalReplay replay;

    // Guarded by this.
    private final Map<String, Map<UUID, JournalReplay.Leftover>> byOrganization = new HashMap<>();
    private boolean deleted;

    Leftovers(JournalReplay replay) {
        this.replay = replay;
        replay.leftovers()
                .forEach((id, leftover) ->
                        byOrganization
                                .computeIfAbsent(
                                        leftover.organization(), _ -> new LinkedHashMap<>())
                                .put(id, leftover));
        replay.damages().forEach(damage -> LOG.error("journal: record skipped in {}", damage));
    }

    /// Organizations with something left.
    synchronized Set<String> organizations() {
        return Set.copyOf(byOrganization.keySet());
    }

    synchronized List<JournalReplay.Leftover> of(String organization) {
        return List.copyOf(byOrganization.getOrDefault(organization, Map.of()).values());
    }

    /// The earlier lives whose journals were found.
    Set<UUID> lives() {
        return replay.lives();
    }

    synchronized boolean isEmpty() {
        return byOrganization.isEmpty();
    }

    /// Forgets what the ledger has by now, and deletes the files when that is everything. Blocks.
    void lookUp(LedgerStore store) {
        for (var organization : organizations()) {
            var left = of(organization);
            try {
                for (var from = 0; from < left.size(); from += LOOKED_UP_MAX) {
                    var chunk = left.subList(from, Math.min(from + LOOKED_UP_MAX, left.size()));
                    forget(organization, chunk, store);
                }
            } catch (LedgerStoreException away) {
                LOG.debug("ledger of {}: not read, looks again", organization, away);
            }
        }
        deleteIfEmpty();
    }

    /// A hold that was never settled is done with any row; a settlement needs its truth there.
    private void forget(
            String organization, List<JournalReplay.Leftover> chunk, LedgerStore store) {
        var settled = new ArrayList<UUID>();
        var held = new ArrayList<UUID>();
        chunk.forEach(left -> (left.settle().isPresent() ? settled : held).add(left.hold().id()));
        var booked = new HashSet<UUID>();
        if (!settled.isEmpty()) {
            booked.addAll(store.settled(organization, settled));
        }
        if (!held.isEmpty()) {
            booked.addAll(store.booked(organization, held));
        }
        synchronized (this) {
            var left = byOrganization.get(organization);
            if (left != null) {
                left.keySet().removeAll(booked);
                if (left.isEmpty()) {
                    byOrganization.remove(organization);
                    LOG.info("journal: what earlier lives left of {} is booked", organization);
                }
            }
        }
    }

    /// Nothing is owed any more.
    synchronized void deleteIfEmpty() {
        if (byOrganization.isEmpty() && !deleted) {
            deleted = true;
            replay.deleteFiles();
        }
    }
}
