package dev.tollgate.node.cluster;

import com.hazelcast.config.SerializationConfig;
import com.hazelcast.config.SerializerConfig;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.serialization.ByteArraySerializer;
import com.hazelcast.nio.serialization.DataSerializableFactory;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Book;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/// What members send each other, by number. Numbers are never given twice.
final class ClusterForms implements DataSerializableFactory {

    static final int FACTORY_ID = 7_001;
    private static final int ANSWERS_TYPE_ID = 7_002;
    private static final int BOOK_TYPE_ID = 7_003;

    /// An empty one, whose content is read next.
    @Override
    public IdentifiedDataSerializable create(int classId) {
        return switch (classId) {
            case ReadBook.CLASS_ID -> new ReadBook(new ReadBook.Unbooked(0, 0));
            case ApplyCommands.CLASS_ID -> new ApplyCommands(List.of(), List.of());
            case ReplicateCommands.CLASS_ID -> new ReplicateCommands(0, List.of());
            case AskPresents.CLASS_ID -> new AskPresents("", 0);
            case AskToOpen.CLASS_ID -> new AskToOpen("");
            case BookMergePolicy.CLASS_ID -> new BookMergePolicy();
            default ->
                    throw new IllegalArgumentException(
                            "message class %d (expected: one of %s)"
                                    .formatted(
                                            classId,
                                            List.of(
                                                    ReadBook.CLASS_ID,
                                                    ApplyCommands.CLASS_ID,
                                                    ReplicateCommands.CLASS_ID,
                                                    AskPresents.CLASS_ID,
                                                    AskToOpen.CLASS_ID,
                                                    BookMergePolicy.CLASS_ID)));
        };
    }

    /// Makes a member read and write what is listed here.
    static void register(SerializationConfig serialization) {
        serialization.addDataSerializableFactory(FACTORY_ID, new ClusterForms());
        serialization.addSerializerConfig(
                new SerializerConfig()
                        .setTypeClass(Answers.class)
                        .setImplementation(new AnswersForm()));
        serialization.addSerializerConfig(
                new SerializerConfig().setTypeClass(Book.class).setImplementation(new BookForm()));
    }

    static ByteReader readerOf(ObjectDataInput in) throws IOException {
        return new ByteReader(Objects.requireNonNull(in.readByteArray()));
    }

    /// Answers as [BookCodec] writes them.
    static final class AnswersForm implements ByteArraySerializer<Answers> {

        @Override
        public int getTypeId() {
            return ANSWERS_TYPE_ID;
        }

        @Override
        public byte[] write(Answers answers) {
            return BookCodec.toBytes(answers);
        }

        @Override
        public Answers read(byte[] bytes) {
            return BookCodec.readAnswers(new ByteReader(bytes));
        }
    }

    /// Books as [BookImageCodec] writes them.
    static final class BookForm implements ByteArraySerializer<Book> {

        @Override
        public int getTypeId() {
            return BOOK_TYPE_ID;
        }

        @Override
        public byte[] write(Book book) {
            var to = new ByteWriter();
            BookImageCodec.write(to, book.image());
            return to.toBytes();
        }

        @Override
        public Book read(byte[] bytes) {
            return Book.of(BookImageCodec.read(new ByteReader(bytes)));
        }
    }
}
