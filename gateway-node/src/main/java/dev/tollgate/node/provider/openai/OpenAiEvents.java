package dev.tollgate.node.provider.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tollgate.node.provider.AnswerText;
import dev.tollgate.node.provider.EventReader;
import dev.tollgate.node.provider.Json;
import dev.tollgate.node.provider.StreamFacts;
import dev.tollgate.node.provider.UsageReading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// Reads the chunks of a chat completion.
///
/// Where usage was asked for on our own behalf, the chunk that has nothing else is hidden, since
/// naive clients index `choices[0]`, and `"usage":null` is cut from all others.
final class OpenAiEvents implements EventReader {

    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    private final boolean usageHidden;
    private final AnswerText text = new AnswerText();
    private UsageReading usage = UsageReading.UNTOLD;
    private boolean usageFinal;
    private String model = "";
    private String serviceTier = "";
    private boolean begun;
    private boolean finished;

    private boolean error;
    private boolean usageTold;
    private boolean choices;
    private int cutFrom;
    private int cutTo;

    OpenAiEvents(boolean usageHidden) {
        this.usageHidden = usageHidden;
    }

    @Override
    public Verdict read(byte[] data, int from, int to) throws IOException {
        if (Arrays.equals(data, from, to, DONE, 0, DONE.length)) {
            return Verdict.COMPLETE;
        }
        chunk(data, from, to);
        if (error) {
            return Verdict.FAILED;
        }
        usageFinal = usageTold ? finished || !choices : usageFinal;
        if (usageHidden && usageTold && !choices) {
            return Verdict.HIDE;
        }
        return cutTo > 0 ? Verdict.CUT : Verdict.PASS;
    }

    private void chunk(byte[] data, int from, int to) throws IOException {
        error = false;
        usageTold = false;
        choices = false;
        cutTo = 0;
        try (var parser = Json.FACTORY.createParser(data, from, to - from)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("no object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                field(parser, data, from, to);
            }
            if (parser.nextToken() != null) {
                throw new IOException("more than one value");
            }
        }
    }

    private void field(JsonParser parser, byte[] data, int from, int to) throws IOException {
        switch (parser.currentName()) {
            case "choices" -> choices(parser);
            case "usage" -> usage(parser, data, from, to);
            case "error" -> {
                error = parser.nextToken() != JsonToken.VALUE_NULL;
                parser.skipChildren();
            }
            case "model" -> {
                parser.nextToken();
                model = model.isEmpty() ? Json.label(parser) : model;
            }
            case "service_tier" -> {
                parser.nextToken();
                var tier = Json.label(parser);
                serviceTier = tier.isEmpty() ? serviceTier : tier;
            }
            default -> {
                parser.nextToken();
                parser.skipChildren();
            }
        }
    }

    private void choices(JsonParser parser) throws IOException {
        var depth = parser.nextToken().isStructStart() ? 1 : 0;
        while (depth > 0) {
            var token = parser.nextToken();
            if (token == null) {
                return;
            }
            if (token.isStructStart()) {
                depth++;
                choices = true;
                begun = true;
            } else if (token.isStructEnd()) {
                depth--;
            } else if (token == JsonToken.VALUE_STRING) {
                string(parser);
            }
        }
    }

    private void string(JsonParser parser) throws IOException {
        var name = parser.currentName();
        if (name == null) {
            return;
        }
        if (name.equals("finish_reason")) {
            finished = true;
        } else if (OpenAiCodec.TEXT.contains(name)) {
            text.append(parser);
        }
    }

    private void usage(JsonParser parser, byte[] data, int from, int to) throws IOException {
        var nameFrom = (int) parser.currentTokenLocation().getByteOffset();
        if (parser.nextToken() != JsonToken.VALUE_NULL) {
            usageTold = true;
            usage = OpenAiAnswer.usage(parser, true);
        } else if (usageHidden) {
            var valueTo = (int) parser.currentLocation().getByteOffset();
            findCut(data, from + nameFrom, from + valueTo, to);
            cutFrom -= from;
            cutTo -= from;
        }
    }

    /// The member with the comma before it, or behind it where it is the first.
    private void findCut(byte[] data, int nameFrom, int valueTo, int to) {
        var before = nameFrom - 1;
        while (blank(data[before])) {
            before--;
        }
        cutFrom = nameFrom;
        cutTo = valueTo;
        if (data[before] == ',') {
            cutFrom = before;
            return;
        }
        var behind = valueTo;
        while (behind < to && blank(data[behind])) {
            behind++;
        }
        if (behind < to && data[behind] == ',') {
            cutTo = behind + 1;
        }
    }

    private static boolean blank(byte each) {
        return each == ' ' || each == '\t' || each == '\n' || each == '\r';
    }

    @Override
    public boolean edits() {
        return usageHidden;
    }

    @Override
    public int cutFrom() {
        return cutFrom;
    }

    @Override
    public int cutTo() {
        return cutTo;
    }

    @Override
    public AnswerText text() {
        return text;
    }

    @Override
    public long outputTokensSoFar() {
        return text.tokensAtLeast();
    }

    /// Some servers tell usage along the way: only what was told at the end is all of it.
    @Override
    public StreamFacts facts(boolean complete) {
        var untold = complete ? UsageReading.odd("usage: absent") : UsageReading.UNTOLD;
        var told = usageFinal || (complete && !usage.equals(UsageReading.UNTOLD));
        return new StreamFacts(
                told ? usage : untold,
                Optional.empty(),
                text.toString(),
                model,
                serviceTier,
                begun);
    }
}
