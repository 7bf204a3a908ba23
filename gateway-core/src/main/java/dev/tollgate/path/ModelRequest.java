package dev.tollgate.path;

import java.util.OptionalLong;

/// What the gateway needs to know of a request body. The body itself goes through as it came, but
/// for small splices at the places named here.
///
/// @param body the bytes as received, checked to be one JSON object without duplicate keys
/// @param model the name asked for
/// @param stream whether the answer is to be streamed
/// @param usageAsked whether the caller wants the usage chunk of a stream
/// @param outputMax the caller's own limit on output tokens for one choice
/// @param choices how many answers are produced, at least 1
/// @param thinkingBudget tokens of `outputMax` set aside for reasoning, 0 when none
/// @param attachments parts whose tokens are not bounded by their bytes: images, documents, audio
/// @param imageBytes bytes of inline image data in `body`, which the attachment bound covers
///   instead
/// @param tools whether tools are offered, for which providers add text of their own
/// @param user the body's `user` or `metadata.user_id`, empty when absent
/// @param places where in `body` the splices go
public record ModelRequest(
        byte[] body,
        String model,
        boolean stream,
        boolean usageAsked,
        OptionalLong outputMax,
        int choices,
        long thinkingBudget,
        int attachments,
        long imageBytes,
        boolean tools,
        String user,
        Places places) {

    /// Byte ranges in the body. [#ABSENT] where the field is not in it.
    ///
    /// @param object just behind the opening brace, where an absent field can be added
    /// @param objectEmpty whether nothing but the closing brace follows there
    /// @param model the value of `model`
    /// @param streamOptions the value of `stream_options`
    /// @param outputMax the value of the caller's output limit
    public record Places(
            int object, boolean objectEmpty, Place model, Place streamOptions, Place outputMax) {}

    /// From the first byte of a JSON value up to, and not including, the byte behind it.
    public record Place(int from, int to) {
        public boolean present() {
            return from >= 0;
        }
    }

    public static final Place ABSENT = new Place(-1, -1);

    @Override
    public String toString() {
        return "ModelRequest[" + model + ", " + body.length + " bytes]";
    }
}
