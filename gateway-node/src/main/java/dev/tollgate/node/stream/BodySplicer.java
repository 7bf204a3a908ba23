package dev.tollgate.node.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.tollgate.node.stream.Splice.Insert;
import dev.tollgate.node.stream.Splice.Replace;
import dev.tollgate.path.ModelRequest;
import dev.tollgate.path.ModelRequest.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Applies small edits to request bodies without parsing or rebuilding them.
///
/// An edit replaces the value where the caller gave the field, even as `null`, and inserts the
/// field where it is absent, so that a body never gets a key twice.
public final class BodySplicer {

    private static final JsonFactory JSON = new JsonFactory();
    private static final byte[] COMMA = {','};

    private BodySplicer() {}

    /// The model as the provider knows it.
    public static Splice model(ModelRequest request, String name) {
        return set(request.places().model(), "model", quoted(name));
    }

    /// The most output tokens of one choice.
    ///
    /// @param field the dialect's name for it, used where the caller set no limit
    public static Splice outputMax(ModelRequest request, String field, long tokens) {
        return set(request.places().outputMax(), field, ascii(Long.toString(tokens)));
    }

    /// `stream_options.include_usage: true`, beside whatever options the caller set.
    public static Splice includeUsage(ModelRequest request) {
        var options = request.places().streamOptions();
        var merged =
                options.present()
                        ? withUsage(
                                Arrays.copyOfRange(request.body(), options.from(), options.to()))
                        : ascii("{\"include_usage\":true}");
        return set(options, "stream_options", merged);
    }

    /// `stream: true`. Seldom wanted, so its place is looked for here and not in every body.
    public static Splice stream(ModelRequest request) {
        return set(placeOf(request.body(), "stream"), "stream", ascii("true"));
    }

    private static Place placeOf(byte[] body, String field) {
        try (var parser = JSON.createParser(body)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var found = parser.currentName().equals(field);
                parser.nextToken();
                if (found) {
                    return JsonPlaces.currentValue(parser);
                }
                parser.skipChildren();
            }
            return ModelRequest.ABSENT;
        } catch (IOException invalid) {
            // The scanner has read the whole body before: this cannot be.
            throw new UncheckedIOException(invalid);
        }
    }

    /// The body with `splices` applied; places must not overlap. The body itself when there are
    /// none.
    public static byte[] splice(ModelRequest request, List<Splice> splices) {
        if (splices.isEmpty()) {
            return request.body();
        }
        var places = request.places();
        return splice(request.body(), places.object(), places.objectEmpty(), splices);
    }

    private static byte[] splice(
            byte[] source, int object, boolean objectEmpty, List<Splice> splices) {
        var parts = new ArrayList<byte[]>();
        var read = 0;
        for (var edit : edits(object, objectEmpty, splices)) {
            parts.add(Arrays.copyOfRange(source, read, edit.place().from()));
            parts.add(edit.value());
            read = edit.place().to();
        }
        parts.add(Arrays.copyOfRange(source, read, source.length));
        return joined(parts);
    }

    /// All edits as replacements in the order of their places, the inserted members as one.
    private static List<Replace> edits(int object, boolean objectEmpty, List<Splice> splices) {
        var replaces = new ArrayList<Replace>();
        var members = new ArrayList<byte[]>();
        for (var splice : splices) {
            switch (splice) {
                case Replace replace -> replaces.add(replace);
                case Insert(var member) -> {
                    members.add(member);
                    members.add(COMMA);
                }
            }
        }
        if (!members.isEmpty()) {
            if (objectEmpty) {
                members.removeLast();
            }
            replaces.add(new Replace(new Place(object, object), joined(members)));
        }
        replaces.sort(Comparator.comparingInt(edit -> edit.place().from()));
        return replaces;
    }

    private static Splice set(Place place, String field, byte[] value) {
        return place.present()
                ? new Replace(place, value)
                : new Insert(joined(List.of(quoted(field), ascii(":"), value)));
    }

    /// `options` is the JSON object the caller gave, or `null`.
    private static byte[] withUsage(byte[] options) {
        try (var parser = JSON.createParser(options)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return ascii("{\"include_usage\":true}");
            }
            var object = (int) parser.currentLocation().getByteOffset();
            var empty = true;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                empty = false;
                var field = parser.currentName();
                parser.nextToken();
                var place = JsonPlaces.currentValue(parser);
                if (field.equals("include_usage")) {
                    return splice(
                            options, object, false, List.of(new Replace(place, ascii("true"))));
                }
            }
            var usage = new Insert(ascii("\"include_usage\":true"));
            return splice(options, object, empty, List.of(usage));
        } catch (IOException invalid) {
            // The scanner has read the whole body before: this cannot be.
            throw new UncheckedIOException(invalid);
        }
    }

    private static byte[] quoted(String text) {
        var escaped = JsonStringEncoder.getInstance().quoteAsUTF8(text);
        return joined(List.of(ascii("\""), escaped, ascii("\"")));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] joined(List<byte[]> parts) {
        var whole = new byte[parts.stream().mapToInt(part -> part.length).sum()];
        var at = 0;
        for (var part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }
}
