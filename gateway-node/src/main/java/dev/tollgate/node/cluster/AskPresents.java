package dev.tollgate.node.cluster;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// Asks a member what it has of an organization's book, which is about to be opened in `epoch`, and
/// keeps it from using holds of earlier epochs from then on. Answers [Presents] as bytes.
final class AskPresents
        implements Callable<byte[]>, HazelcastInstanceAware, IdentifiedDataSerializable {

    static final int CLASS_ID = 11;

    private String organization;
    private long epoch;
    private transient @Nullable HazelcastInstance hazelcast;

    AskPresents(String organization, long epoch) {
        this.organization = organization;
        this.epoch = epoch;
    }

    @Override
    public void setHazelcastInstance(HazelcastInstance instance) {
        hazelcast = instance;
    }

    @Override
    public byte[] call() {
        return Colleague.of(Objects.requireNonNull(hazelcast))
                .presents(organization, epoch)
                .toBytes();
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
        writer.writeLong(epoch);
        writer.end(mark);
        out.writeByteArray(writer.toBytes());
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        var reader = ClusterForms.readerOf(in);
        var outer = reader.enter();
        organization = reader.readText();
        epoch = reader.readLong();
        reader.leave(outer);
    }
}
