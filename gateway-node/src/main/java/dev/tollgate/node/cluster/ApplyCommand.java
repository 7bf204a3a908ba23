package dev.tollgate.node.cluster;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import dev.tollgate.budget.Book;
import dev.tollgate.budget.Command;
import java.io.IOException;
import java.util.Map;

/// Applies a command to an organization's book, on the thread of its partition.
///
/// Only [Command.Open] makes a book where there is none.
final class ApplyCommand
        implements EntryProcessor<String, Book, Command.Result>, IdentifiedDataSerializable {

    static final int CLASS_ID = 1;

    private Command command;

    ApplyCommand(Command command) {
        this.command = command;
    }

    @Override
    public Command.Result process(Map.Entry<String, Book> entry) {
        var book = entry.getValue();
        if (book == null) {
            if (!(command instanceof Command.Open)) {
                return new Command.NotOpen();
            }
            book = new Book();
        }
        var result = book.apply(command);
        // Without it the call would count as a read and never reach the backup.
        entry.setValue(book);
        return result;
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
        out.writeByteArray(BookCodec.toBytes(command));
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        command = BookCodec.readCommand(ClusterForms.readerOf(in));
    }
}
