package dev.tollgate.node.cluster;

import dev.tollgate.budget.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What a node has of one organization's book: the holds and settlements in its journal that the
/// ledger may lack, of this life and of earlier ones.
///
/// @param lives the incarnations whose journals it knows
record Presents(List<Present> items, Set<UUID> lives) {

    /// A hold as it was granted, and what it was settled for if it was.
    record Present(Command.Hold hold, Optional<Command.Settle> settle) {}

    Presents {
        items = List.copyOf(items);
        lives = Set.copyOf(lives);
    }

    byte[] toBytes() {
        var to = new ByteWriter();
        var mark = to.begin(ValueCodec.VERSION);
        to.writeList(
                items,
                (writer, item) -> {
                    BookCodec.write(writer, item.hold);
                    writer.writeBoolean(item.settle.isPresent());
                    item.settle.ifPresent(settle -> BookCodec.write(writer, settle));
                });
        BookCodec.writeIds(to, List.copyOf(lives));
        to.end(mark);
        return to.toBytes();
    }

    static Presents read(byte[] bytes) {
        var from = new ByteReader(bytes);
        var outer = from.enter();
        var items = new ArrayList<>(from.readList(Presents::readItem));
        var lives = Set.copyOf(BookCodec.readIds(from));
        from.leave(outer);
        return new Presents(items, lives);
    }

    private static Present readItem(ByteReader from) {
        var hold = (Command.Hold) BookCodec.readCommand(from);
        return new Present(
                hold,
                from.readBoolean()
                        ? Optional.of((Command.Settle) BookCodec.readCommand(from))
                        : Optional.empty());
    }
}
