package dev.tollgate.loadtest.provider;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/// Writes JSON text field by field, without a tree in between: the simulated provider must stay
/// cheap. Not safe for several threads.
final class JsonText {

    private final StringBuilder text = new StringBuilder(256);
    private boolean first = true;

    JsonText open() {
        return begin('{');
    }

    JsonText open(String name) {
        return name(name).begin('{');
    }

    JsonText openList(String name) {
        return name(name).begin('[');
    }

    JsonText openItem() {
        return comma().begin('{');
    }

    JsonText close() {
        return end('}');
    }

    JsonText closeList() {
        return end(']');
    }

    JsonText field(String name, String value) {
        name(name);
        quote(value);
        return this;
    }

    JsonText field(String name, long value) {
        name(name);
        text.append(value);
        return this;
    }

    JsonText field(String name, boolean value) {
        name(name);
        text.append(value);
        return this;
    }

    /// A field whose value is JSON already, `null` included.
    JsonText raw(String name, String json) {
        name(name);
        text.append(json);
        return this;
    }

    private JsonText begin(char bracket) {
        text.append(bracket);
        first = true;
        return this;
    }

    private JsonText end(char bracket) {
        text.append(bracket);
        first = false;
        return this;
    }

    private JsonText name(String name) {
        comma();
        quote(name);
        text.append(':');
        return this;
    }

    private JsonText comma() {
        if (!first) {
            text.append(',');
        }
        first = false;
        return this;
    }

    private void quote(String value) {
        text.append('"');
        JsonStringEncoder.getInstance().quoteAsString(value, text);
        text.append('"');
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
