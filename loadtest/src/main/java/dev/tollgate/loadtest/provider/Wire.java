package dev.tollgate.loadtest.provider;

import java.util.List;
import java.util.Map;

/// One dialect's shapes, exactly as the official SDKs demand them.
interface Wire {

    static Wire of(Dialect dialect) {
        return switch (dialect) {
            case OPENAI -> new OpenAiWire();
            case ANTHROPIC -> new AnthropicWire();
        };
    }

    String whole(Answer answer);

    List<Step> stream(Answer answer);

    /// The event that ends a stream in an error.
    String errorEvent();

    String error(int status, String message, String requestId);

    String models();

    /// Headers of every answer, the provider's own limits among them.
    Map<String, String> headers(String requestId);

    /// A number as the usage report tells it.
    static String told(UsageReport report, long honest) {
        return switch (report) {
            case HONEST, MISSING, NULL, WRONG_TYPE -> Long.toString(honest);
            case ZERO -> "0";
            case NEGATIVE -> Long.toString(-honest - 1);
            case HUGE -> Long.toString(Long.MAX_VALUE);
            case OVERFLOWING -> "123456789012345678901234567890";
        };
    }
}
