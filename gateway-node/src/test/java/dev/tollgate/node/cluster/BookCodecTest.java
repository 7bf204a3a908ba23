package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Book;
import dev.tollgate.budget.Command;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BookCodecTest {

    private static final int HEADER_BYTES = 6;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void every_command_and_result_reads_as_it_was_written(long seed) {
        var values = new RandomValues(seed);

        for (var command : values.commands()) {
            var read = BookCodec.readCommand(new ByteReader(BookCodec.toBytes(command)));
            assertThat(read).usingRecursiveComparison().isEqualTo(command);
        }
        var answers = new Answers(1, 2, 3, values.results());
        assertThat(BookCodec.readAnswers(new ByteReader(BookCodec.toBytes(answers))))
                .isEqualTo(answers);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void outbox_entries_read_as_they_were_written(long seed) {
        var values = new RandomValues(seed);
        var entries = List.of(values.entry(), values.entry(), values.entry());
        var writer = new ByteWriter();

        writer.writeList(entries, ValueCodec::write);

        assertThat(ReadBookCodec.readEntries(writer.toBytes()))
                .usingRecursiveComparison()
                .isEqualTo(entries);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void fields_that_a_newer_version_added_at_the_end_are_skipped(long seed) {
        var values = new RandomValues(seed);

        for (var command : values.commands()) {
            var written = new ByteWriter();
            appendWithTail(written, BookCodec.toBytes(command));
            written.writeText("what follows");

            var reader = new ByteReader(written.toBytes());

            assertThat(BookCodec.readCommand(reader)).usingRecursiveComparison().isEqualTo(command);
            assertThat(reader.readText()).isEqualTo("what follows");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void changes_read_as_they_were_written_and_skip_what_a_newer_version_added(long seed) {
        for (var change : new RandomValues(seed).changes()) {
            var written = new ByteWriter();
            ChangeCodec.write(written, change);
            var newer = new ByteWriter();
            appendWithTail(newer, written.toBytes());
            newer.writeText("what follows");

            var reader = new ByteReader(newer.toBytes());

            assertThat(ChangeCodec.read(new ByteReader(written.toBytes())))
                    .usingRecursiveComparison()
                    .isEqualTo(change);
            assertThat(ChangeCodec.read(reader)).usingRecursiveComparison().isEqualTo(change);
            assertThat(reader.readText()).isEqualTo("what follows");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void images_of_books_read_as_they_were_written_and_skip_what_a_newer_version_added(long seed) {
        var image = new RandomValues(seed).image();
        var written = new ByteWriter();
        BookImageCodec.write(written, image);
        var bytes = written.toBytes();
        var newer = new ByteWriter();
        var mark = newer.begin(ValueCodec.VERSION + 1);
        for (var i = HEADER_BYTES - 1; i < bytes.length; i++) {
            newer.writeByte(bytes[i]);
        }
        newer.writeText("a field of tomorrow");
        newer.end(mark);

        assertThat(BookImageCodec.read(new ByteReader(bytes)))
                .usingRecursiveComparison()
                .isEqualTo(image);
        assertThat(BookImageCodec.read(new ByteReader(newer.toBytes())))
                .usingRecursiveComparison()
                .isEqualTo(image);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void questions_read_as_they_were_written(long seed) {
        for (var question : new RandomValues(seed).questions()) {
            var written = new ByteWriter();
            ReadBookCodec.write(written, question);

            assertThat(ReadBookCodec.readQuestion(new ByteReader(written.toBytes())))
                    .isEqualTo(question);
        }
    }

    @Test
    void answers_about_a_book_read_as_they_were_written() {
        var values = new RandomValues(5);
        var hold = values.plainHold(1);
        var book = new Book();
        book.apply(new Command.Open(1, 1, 1, 0, List.of(hold), List.of()));
        var holds = new ReadBook.Holds(List.of(), Book.BEFORE_ALL);
        var ids = new ReadBook.HoldIds(hold.incarnation(), Long.MAX_VALUE, Book.BEFORE_ALL);

        assertThat(ReadBookCodec.readStatus(ReadBookCodec.answer(book, new ReadBook.Status())))
                .isEqualTo(book.status());
        assertThat(
                        ReadBookCodec.readStatus(
                                ReadBookCodec.answer(new Book(), new ReadBook.Status())))
                .isEqualTo(new Book().status());
        assertThat(ReadBookCodec.readHoldOwners(ReadBookCodec.answer(book, holds)))
                .containsExactly(new Book.HoldOwner(hold.id(), hold.incarnation()));
        assertThat(ReadBookCodec.readHoldIds(ReadBookCodec.answer(book, ids)))
                .containsExactly(hold.id());
    }

    @Test
    void fields_that_an_older_version_lacks_are_zero_or_empty() {
        var settle =
                new Command.Settle(
                        new RandomValues(7).id(),
                        3,
                        4,
                        new Amounts(1, 2, 3, 4),
                        new byte[] {5},
                        List.of(new RandomValues(8).id()));
        var bytes = BookCodec.toBytes(settle);
        var idsBytes = 1 + 16;

        var older = withoutTail(bytes, idsBytes);

        assertThat(BookCodec.readCommand(new ByteReader(older)))
                .usingRecursiveComparison()
                .isEqualTo(
                        new Command.Settle(
                                settle.id(), 3, 4, settle.used(), settle.outcome(), List.of()));
    }

    @Test
    void a_kind_this_version_does_not_know_is_refused() {
        var bytes = BookCodec.toBytes(new Command.Configure(1, 2));
        bytes[0] = 99;

        assertThatThrownBy(() -> BookCodec.readCommand(new ByteReader(bytes)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unknown kind 99");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void damaged_bytes_are_refused_or_read_and_never_anything_else(long seed) {
        var random = new Random(seed);
        var bytes = BookCodec.toBytes(new RandomValues(seed).hold());

        for (var i = 0; i < 2000; i++) {
            var damaged = bytes.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            try {
                assertThat(BookCodec.readCommand(new ByteReader(damaged))).isNotNull();
            } catch (IllegalArgumentException e) {
                assertThat(e).isNotNull();
            }
        }
    }

    /// As a newer writer would: more fields inside the value, and a length that says so.
    private static void appendWithTail(ByteWriter to, byte[] bytes) {
        to.writeByte(bytes[0]);
        var mark = to.begin(ValueCodec.VERSION + 1);
        for (var i = HEADER_BYTES; i < bytes.length; i++) {
            to.writeByte(bytes[i]);
        }
        to.writeLong(Long.MAX_VALUE);
        to.writeText("a field of tomorrow");
        to.end(mark);
    }

    private static byte[] withoutTail(byte[] bytes, int count) {
        var to = new ByteWriter();
        to.writeByte(bytes[0]);
        var mark = to.begin(ValueCodec.VERSION);
        for (var value : Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length - count)) {
            to.writeByte(value);
        }
        to.end(mark);
        return to.toBytes();
    }
}
