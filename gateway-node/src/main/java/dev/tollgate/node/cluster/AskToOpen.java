package dev.tollgate.node.cluster;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Asks the owner of a book's partition to open the book.
final class AskToOpen implements Runnable, HazelcastInstanceAware, IdentifiedDataSerializable {

    static final int CLASS_ID = 12;

    private String organization;
    private transient @Nullable HazelcastInstance hazelcast;

    AskToOpen(String organization) {
        this.organization = organization;
    }

    @Override
    public void setHazelcastInstance(HazelcastInstance instance) {
        hazelcast = instance;
    }

    @Override
    public void run() {
        Colleague.of(Objects.requireNonNull(hazelcast)).open(organization);
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
        var mark = writer.begin(ValueCodec.VERSION);
        writer.writeText(organization);
        writer.end(mark);
        out.writeByteArray(writer.toBytes());
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        var reader = ClusterForms.readerOf(in);
        var outer = reader.enter();
        organization = reader.readText();
        reader.leave(outer);
    }
}
