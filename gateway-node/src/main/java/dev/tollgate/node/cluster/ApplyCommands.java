package dev.tollgate.node.cluster;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Applied;
import dev.tollgate.budget.Book;
import dev.tollgate.budget.Change;
import dev.tollgate.budget.Command;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Applies commands to an organization's book, in order and in one step, on the thread of its
/// partition. Its backups are told what changed, if anything did.
final class ApplyCommands
        implements EntryProcessor<String, Book, Answers>, IdentifiedDataSerializable {

    static final int CLASS_ID = 3;

    private List<Command> commands;

    // What the last call of `process` did: the same instance is asked for the backup's processor.
    private transient long versionBefore;
    private transient List<Change> changes = List.of();

    /// @param commands at most [Command#ITEMS_MAX]
    ApplyCommands(List<Command> commands) {
        if (commands.size() > Command.ITEMS_MAX) {
            throw new IllegalArgumentException(
                    "commands: %d (expected: at most %d)"
                            .formatted(commands.size(), Command.ITEMS_MAX));
        }
        this.commands = List.copyOf(commands);
    }

    @Override
    public Answers process(Map.Entry<String, Book> entry) {
        var applied = Applied.to(entry.getValue(), commands);
        versionBefore = applied.versionBefore();
        changes = applied.changes();
        var book = applied.book();
        if (book != null && !changes.isEmpty()) {
            entry.setValue(book);
        }
        return applied.answers();
    }

    @Override
    public @Nullable EntryProcessor<String, Book, Answers> getBackupProcessor() {
        return changes.isEmpty() ? null : new ReplicateCommands(versionBefore, changes);
    }

    @Override
    public int getFactoryId() {
        return ClusterForms.FACTORY_ID;
    }

    @Override
    public int getClassId() {
        return CLASS_ID;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        var to = new ByteWriter();
        var mark = to.begin(ValueCodec.VERSION);
        to.writeList(commands, BookCodec::write);
        to.end(mark);
        out.writeByteArray(to.toBytes());
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        var from = ClusterForms.readerOf(in);
        var outer = from.enter();
        commands = from.readList(BookCodec::readCommand);
        from.leave(outer);
    }
}
