package dev.tollgate.node.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/// Counts the parts of messages whose tokens are not bounded by their bytes.
///
/// Only parts are looked at: objects in the `content` array of a message, or of a part such as a
/// tool's result. Whatever else is in a message, the input of a tool call for one, is text to the
/// provider however much it looks like an image, and its bytes go on counting.
final class AttachmentScanner {

    /// The `type` of such parts in either dialect, and in the dialects of OpenAI-compatible
    /// servers.
    private static final Set<String> TYPES =
            Set.of(
                    "image_url",
                    "input_image",
                    "image",
                    "document",
                    "file",
                    "input_file",
                    "container_upload",
                    "input_audio",
                    "audio_url",
                    "video_url",
                    "input_video");

    private static final Set<String> IMAGES = Set.of("image_url", "input_image", "image");
    private static final byte[] IMAGE_DATA = "data:image".getBytes(StandardCharsets.US_ASCII);

    private final JsonParser parser;
    private final byte[] body;
    private int attachments;
    private long imageBytes;

    AttachmentScanner(JsonParser parser, byte[] body) {
        this.parser = parser;
        this.body = body;
    }

    int attachments() {
        return attachments;
    }

    /// The length, as it is in the body, of image data given inline.
    long imageBytes() {
        return imageBytes;
    }

    /// Reads an array of messages, the parser being at its start.
    void messages() throws IOException {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                message();
            } else {
                parser.skipChildren();
            }
        }
    }

    /// Reads the value of a `content`: parts, if it is an array.
    void content() throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                part();
            } else {
                parser.skipChildren();
            }
        }
    }

    private void message() throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var isContent = parser.currentName().equals("content");
            parser.nextToken();
            if (isContent) {
                content();
            } else {
                parser.skipChildren();
            }
        }
    }

    private void part() throws IOException {
        var type = "";
        var inline = 0L;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "type" -> type = text();
                case "content" -> content();
                case "image_url" -> inline += imageUrl();
                case "source" -> inline += source();
                default -> parser.skipChildren();
            }
        }
        if (TYPES.contains(type)) {
            attachments++;
        }
        if (IMAGES.contains(type)) {
            imageBytes += inline;
        }
    }

    /// OpenAI: the URL itself or an object with `url`.
    private long imageUrl() throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return dataUrl();
        }
        var inline = 0L;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var isUrl = parser.currentName().equals("url");
            parser.nextToken();
            inline += isUrl ? dataUrl() : skipped();
        }
        return inline;
    }

    /// Anthropic: `{"type":"base64","media_type":"image/png","data":"..."}`.
    private long source() throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return skipped();
        }
        var type = "";
        var data = 0L;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "type" -> type = text();
                case "data" -> data = stringBytes();
                default -> parser.skipChildren();
            }
        }
        return type.equals("base64") ? data : 0;
    }

    private long dataUrl() throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            return skipped();
        }
        var from = tokenStart() + 1;
        var prefix = Math.min(from + IMAGE_DATA.length, body.length);
        return Arrays.equals(body, from, prefix, IMAGE_DATA, 0, IMAGE_DATA.length)
                ? stringBytes()
                : 0;
    }

    /// The length of a string's text in the body. The parser would decode a megabyte of base64 to
    /// tell where it ends.
    private long stringBytes() throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            return skipped();
        }
        var from = tokenStart() + 1;
        var at = from;
        while (at < body.length && body[at] != '"') {
            at += body[at] == '\\' ? 2 : 1;
        }
        return (long) at - from;
    }

    private int tokenStart() {
        return (int) parser.currentTokenLocation().getByteOffset();
    }

    private String text() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        parser.skipChildren();
        return "";
    }

    private long skipped() throws IOException {
        parser.skipChildren();
        return 0;
    }
}
