package dev.tollgate.node.cluster;

import dev.tollgate.budget.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// The commands that open a book in an epoch, each with no more than a command may carry.
record Opening(long term, long epoch, long configVersion, long openedMillis, List<UUID> members) {

    /// Half of what a command may carry: an item is a hold, an entry or an id.
    private static final int ITEMS = Command.ITEMS_MAX / 2;

    Opening {
        members = List.copyOf(members);
    }

    /// @param known ids of holds that the ledger has already
    List<Command> commands(List<Presents.Present> presents, Set<UUID> known) {
        var holds = new ArrayList<Command.Hold>();
        var entries = new ArrayList<Command.Open.Present>();
        for (var present : presents) {
            var hold = present.hold();
            if (present.settle().isPresent()) {
                entries.add(entry(hold, present.settle().get()));
            } else if (!known.contains(hold.id())) {
                holds.add(hold);
            }
        }
        return chunks(holds, entries, List.copyOf(known));
    }

    private static Command.Open.Present entry(Command.Hold hold, Command.Settle settle) {
        return new Command.Open.Present(
                hold.id(),
                hold.incarnation(),
                hold.charges(),
                settle.used(),
                Rows.joined(hold.facts(), settle.outcome()));
    }

    private List<Command> chunks(
            List<Command.Hold> holds, List<Command.Open.Present> entries, List<UUID> gone) {
        var longest = Math.max(holds.size(), Math.max(entries.size(), gone.size()));
        var commands = new ArrayList<Command>();
        var from = 0;
        do {
            var last = from + ITEMS >= longest;
            commands.add(
                    new Command.Open(
                            term,
                            epoch,
                            configVersion,
                            openedMillis,
                            members,
                            part(holds, from),
                            part(entries, from),
                            part(gone, from),
                            from == 0,
                            last));
            from += ITEMS;
        } while (from < longest);
        return commands;
    }

    private static <T> List<T> part(List<T> items, int from) {
        return from >= items.size()
                ? List.of()
                : items.subList(from, Math.min(from + ITEMS, items.size()));
    }
}
