package dev.tollgate.node.cluster;

import com.hazelcast.core.ReadOnly;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import dev.tollgate.budget.Book;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.CounterKey;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Reads a part of a book where it is: a whole book is too large to move for a look. Answers the
/// encoded form of what the question's own `read` method gives back.
final class ReadBook
        implements EntryProcessor<String, Book, byte[]>, ReadOnly, IdentifiedDataSerializable {

    static final int CLASS_ID = 2;

    private Question question;

    ReadBook(Question question) {
        this.question = question;
    }

    /// What to read.
    sealed interface Question {}

    /// Entries after `afterSeq`, at most `max`.
    record Unbooked(long afterSeq, int max) implements Question {}

    /// Where counters stand.
    record Standings(List<BudgetCharge> charges) implements Question {}

    /// What is counted, for comparison with the ledger.
    record Live(List<CounterKey> keys) implements Question {}

    /// The book in numbers.
    record Status() implements Question {}

    /// Open holds of others than `incarnations`, by id after `after` ([Book#BEFORE_ALL] at first),
    /// at most [Command#ITEMS_MAX].
    record Holds(List<UUID> incarnations, UUID after) implements Question {}

    /// Ids of an incarnation's open holds taken before a moment, paged as [Holds].
    record HoldIds(UUID incarnation, long takenBeforeMillis, UUID after) implements Question {}

    @Override
    public byte[] process(Map.Entry<String, Book> entry) {
        var book = entry.getValue();
        return ReadBookCodec.answer(book == null ? new Book() : book, question);
    }

    @Override
    public @Nullable EntryProcessor<String, Book, byte[]> getBackupProcessor() {
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
        var writer = new ByteWriter();
        ReadBookCodec.write(writer, question);
        out.writeByteArray(writer.toBytes());
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        question = ReadBookCodec.readQuestion(ClusterForms.readerOf(in));
    }
}
