package dev.tollgate.node.cluster;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
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
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Applies commands to an organization's book, in order and in one step, on the thread of its
/// partition. Its backups are told what changed, if anything did.
///
/// Where the term's members are not all seen it refuses: that side of a cut network may have
/// another copy, and this one would decide alone.
final class ApplyCommands
        implements EntryProcessor<String, Book, Answers>,
                HazelcastInstanceAware,
                IdentifiedDataSerializable {

    static final int CLASS_ID = 3;

    private List<UUID> members;
    private List<Command> commands;
    private transient @Nullable HazelcastInstance hazelcast;

    // What the last call of `process` did: the same instance is asked for the backup's processor.
    private transient long versionBefore;
    private transient List<Change> changes = List.of();

    /// @param members of the term they are sent in
    /// @param commands at most [Command#ITEMS_MAX]
    ApplyCommands(List<UUID> members, List<Command> commands) {
        if (commands.size() > Command.ITEMS_MAX) {
            throw new IllegalArgumentException(
                    "commands: %d (expected: at most %d)"
                            .formatted(commands.size(), Command.ITEMS_MAX));
        }
        this.members = List.copyOf(members);
        this.commands = List.copyOf(commands);
    }

    @Override
    public void setHazelcastInstance(HazelcastInstance instance) {
        hazelcast = instance;
    }

    @Override
    public Answers process(Map.Entry<String, Book> entry) {
        changes = List.of();
        // A node alone has its books outside of the grid, and sees all there can be.
        var grid = hazelcast;
        if (grid != null && !members.isEmpty() && !SeenMembers.containAll(grid, members)) {
            return Applied.refused(commands);
        }
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
        to.writeList(members, ByteWriter::writeUuid);
        to.end(mark);
        out.writeByteArray(to.toBytes());
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        var from = ClusterForms.readerOf(in);
        var outer = from.enter();
        commands = from.readList(BookCodec::readCommand);
        members = from.readList(ByteReader::readUuid);
        from.leave(outer);
    }
}
