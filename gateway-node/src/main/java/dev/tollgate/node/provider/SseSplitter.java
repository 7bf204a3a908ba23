package dev.tollgate.node.provider;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Finds the events in a stream of server-sent events, however the bytes are cut into chunks.
///
/// It follows the HTML standard: lines end with CR, LF or CRLF, a byte order mark may come first,
/// `data` lines of one event are joined. Bytes are scanned once and copied only for events that
/// cross the border of a chunk.
///
/// Use: [#offer] a chunk, then take events while [#next] says so, then [#settle]. Positions are in
/// [#bytes] and hold until [#settle].
public final class SseSplitter {

    private static final byte[] NONE = {};
    private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private byte[] bytes = NONE;
    private int length;
    private int carried;
    private boolean ours;

    private int position;
    private int lineFrom;
    private int boundary;
    private int eventFrom;
    private boolean firstLine = true;
    private boolean afterReturn;
    private boolean feedsAfterReturn;

    private byte[] data = NONE;
    private int dataFrom = -1;
    private int dataTo;
    private boolean joined;
    private boolean taken;

    /// Adds a chunk, which must not be changed until [#settle].
    public void offer(byte[] chunk) {
        if (length == 0) {
            bytes = chunk;
            length = chunk.length;
            carried = 0;
            ours = false;
            return;
        }
        carried = length;
        if (bytes.length < length + chunk.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + chunk.length, 2 * length));
            ours = true;
        }
        System.arraycopy(chunk, 0, bytes, length, chunk.length);
        length += chunk.length;
    }

    /// Goes to the end of the next event that has data.
    public boolean next() {
        if (taken) {
            startEvent();
        }
        while (skipPlain()) {
            var each = bytes[position];
            if (each == '\n' && afterReturn && position == lineFrom) {
                skipFeed();
            } else if (awaitsFeed(each)) {
                return false;
            } else if (endLine(each)) {
                return true;
            }
        }
        return false;
    }

    /// Where lines end with CRLF an event ends with the LF of its blank line, and not before.
    private boolean awaitsFeed(byte terminator) {
        return terminator == '\r'
                && feedsAfterReturn
                && lineFrom == position
                && position + 1 == length;
    }

    /// Goes to the next CR or LF.
    private boolean skipPlain() {
        var at = position;
        while (at < length && bytes[at] != '\n' && bytes[at] != '\r') {
            at++;
        }
        afterReturn = afterReturn && at == position;
        position = at;
        return at < length;
    }

    /// The LF of a CRLF belongs to the line before it.
    private void skipFeed() {
        afterReturn = false;
        feedsAfterReturn = true;
        position++;
        lineFrom = position;
        if (boundary == position - 1) {
            boundary = position;
            eventFrom = position;
        }
    }

    private boolean endLine(byte terminator) {
        var from = lineFrom;
        var to = position;
        position++;
        lineFrom = position;
        afterReturn = terminator == '\r';
        if (firstLine) {
            firstLine = false;
            from += markLength(from, to);
        }
        if (from < to) {
            field(from, to);
            return false;
        }
        if (afterReturn && position < length && bytes[position] == '\n') {
            afterReturn = false;
            feedsAfterReturn = true;
            position++;
            lineFrom = position;
        }
        boundary = position;
        taken = dataFrom >= 0;
        if (!taken) {
            startEvent();
        }
        return taken;
    }

    private int markLength(int from, int to) {
        var mark = BYTE_ORDER_MARK.length;
        var marked =
                to - from >= mark
                        && Arrays.equals(bytes, from, from + mark, BYTE_ORDER_MARK, 0, mark);
        return marked ? mark : 0;
    }

    private void field(int from, int to) {
        var nameTo = from + DATA.length;
        if (nameTo > to || !Arrays.equals(bytes, from, nameTo, DATA, 0, DATA.length)) {
            return;
        }
        if (nameTo < to && bytes[nameTo] != ':') {
            return;
        }
        var valueFrom = Math.min(nameTo + 1, to);
        if (valueFrom < to && bytes[valueFrom] == ' ') {
            valueFrom++;
        }
        if (dataFrom < 0) {
            dataFrom = valueFrom;
            dataTo = to;
        } else {
            join(valueFrom, to);
        }
    }

    private void join(int from, int to) {
        var before = dataTo - dataFrom;
        var all = Arrays.copyOfRange(joined ? data : bytes, dataFrom, dataTo + 1 + to - from);
        all[before] = '\n';
        System.arraycopy(bytes, from, all, before + 1, to - from);
        data = all;
        dataFrom = 0;
        dataTo = all.length;
        joined = true;
    }

    private void startEvent() {
        eventFrom = boundary;
        dataFrom = -1;
        joined = false;
        taken = false;
        data = NONE;
    }

    /// Ends the stream: an event whose blank line never came is taken as if it had.
    public boolean end() {
        if (lineFrom < length) {
            field(lineFrom, length);
            lineFrom = length;
        }
        boundary = length;
        taken = dataFrom >= 0;
        return taken;
    }

    /// Forgets what has been taken and keeps the beginning of the next event.
    public void settle() {
        if (taken) {
            startEvent();
        }
        var rest = length - boundary;
        if (rest == 0) {
            bytes = NONE;
        } else if (!ours || boundary > 0) {
            bytes = Arrays.copyOfRange(bytes, boundary, length);
        }
        ours = true;
        length = rest;
        position -= boundary;
        lineFrom -= boundary;
        eventFrom -= boundary;
        if (dataFrom >= 0 && !joined) {
            dataFrom -= boundary;
            dataTo -= boundary;
        }
        boundary = 0;
        carried = rest;
    }

    /// The bytes scanned: those carried over from earlier chunks, then the chunk.
    public byte[] bytes() {
        return bytes;
    }

    public int carried() {
        return carried;
    }

    /// Where the last complete event ends, data or not.
    public int boundary() {
        return boundary;
    }

    /// Whether all bytes so far belong to complete events.
    public boolean atBoundary() {
        return length == boundary;
    }

    /// Bytes of an event that is not complete yet.
    public int pending() {
        return length - boundary;
    }

    public int eventFrom() {
        return eventFrom;
    }

    /// The joined data of the event taken: from [#dataFrom] to [#dataTo] in here.
    public byte[] data() {
        return joined ? data : bytes;
    }

    public int dataFrom() {
        return dataFrom;
    }

    public int dataTo() {
        return dataTo;
    }

    /// Whether positions in the data are positions in [#bytes].
    public boolean dataInPlace() {
        return !joined;
    }
}
