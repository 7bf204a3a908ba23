package dev.tollgate.node.cluster;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Book;
import dev.tollgate.budget.Change;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Carries out on a backup what [ApplyCommands] changed at the primary.
///
/// A backup that is not as the primary was throws before it changes anything, and so never
/// acknowledges: what the caller is told to be done is on every copy.
final class ReplicateCommands
        implements EntryProcessor<String, Book, Answers>, IdentifiedDataSerializable {

    static final int CLASS_ID = 4;

    private long versionBefore;
    private List<Change> changes;

    ReplicateCommands(long versionBefore, List<Change> changes) {
        this.versionBefore = versionBefore;
        this.changes = changes;
    }

    @Override
    public @Nullable Answers process(Map.Entry<String, Book> entry) {
        entry.setValue(Book.replicate(entry.getValue(), versionBefore, changes));
        return null;
    }

    @Override
    public @Nullable EntryProcessor<String, Book, Answers> getBackupProcessor() {
        return null;
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
        to.writeLong(versionBefore);
        to.writeList(changes, ChangeCodec::write);
        to.end(mark);
        out.writeByteArray(to.toBytes());
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        var from = ClusterForms.readerOf(in);
        var outer = from.enter();
        versionBefore = from.readLong();
        changes = from.readList(ChangeCodec::read);
        from.leave(outer);
    }
}
