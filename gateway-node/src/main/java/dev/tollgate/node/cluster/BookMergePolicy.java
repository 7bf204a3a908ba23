package dev.tollgate.node.cluster;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import com.hazelcast.spi.merge.MergingEntry;
import com.hazelcast.spi.merge.SplitBrainMergePolicy;
import dev.tollgate.budget.Book;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// Which copy of a book stays when two sides of a healed network are merged: the one that was
/// opened last. The term does not tell: a newer one shuts an old copy without making it any better.
/// The next term opens it anew anyway.
public final class BookMergePolicy
        implements SplitBrainMergePolicy<Book, MergingEntry<String, Book>, Book>,
                IdentifiedDataSerializable {

    static final int CLASS_ID = 13;

    private static final Comparator<Book.Status> NEWER =
            Comparator.comparingLong(Book.Status::epoch).thenComparingLong(Book.Status::version);

    @Override
    public @Nullable Book merge(
            MergingEntry<String, Book> merging, @Nullable MergingEntry<String, Book> existing) {
        var theirs = merging.getDeserializedValue();
        var ours = existing == null ? null : existing.getDeserializedValue();
        if (ours == null || theirs == null) {
            return ours == null ? theirs : ours;
        }
        return NEWER.compare(theirs.status(), ours.status()) > 0 ? theirs : ours;
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
    public void writeData(ObjectDataOutput out) {}

    @Override
    public void readData(ObjectDataInput in) {}
}
