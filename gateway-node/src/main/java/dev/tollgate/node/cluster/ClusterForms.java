package dev.tollgate.node.cluster;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.serialization.ByteArraySerializer;
import com.hazelcast.nio.serialization.DataSerializableFactory;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import dev.tollgate.budget.Command;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/// What members send each other, by number. Numbers are never given twice.
final class ClusterForms implements DataSerializableFactory {

    static final int FACTORY_ID = 7_001;
    private static final int RESULT_TYPE_ID = 7_001;

    /// An empty one, whose content is read next.
    @Override
    public IdentifiedDataSerializable create(int classId) {
        return switch (classId) {
            case ApplyCommand.CLASS_ID -> new ApplyCommand(new Command.Configure(0, 0));
            case ReadBook.CLASS_ID -> new ReadBook(new ReadBook.Unbooked(0, 0));
            default ->
                    throw new IllegalArgumentException(
                            "message class %d (expected: one of %s)"
                                    .formatted(
                                            classId,
                                            List.of(ApplyCommand.CLASS_ID, ReadBook.CLASS_ID)));
        };
    }

    static ByteReader readerOf(ObjectDataInput in) throws IOException {
        return new ByteReader(Objects.requireNonNull(in.readByteArray()));
    }

    /// Results as [BookCodec] writes them.
    static final class ResultForm implements ByteArraySerializer<Command.Result> {

        @Override
        public int getTypeId() {
            return RESULT_TYPE_ID;
        }

        @Override
        public byte[] write(Command.Result result) {
            return BookCodec.toBytes(result);
        }

        @Override
        public Command.Result read(byte[] bytes) {
            return BookCodec.readResult(new ByteReader(bytes));
        }
    }
}
