package dev.tollgate.loadtest.provider;

import java.util.List;
import java.util.Optional;

/// An answer with all chances drawn: what will be said and what will be billed.
///
/// @param createdSeconds seconds since the epoch
/// @param tokens what is billed when the answer completes
record Answer(
        String id,
        long createdSeconds,
        String model,
        List<Choice> choices,
        TokenClasses tokens,
        UsageReport report,
        boolean includeUsage) {

    /// Why a choice ended.
    enum Finish {
        STOP,
        LENGTH,
        TOOL
    }

    record Choice(List<Block> blocks, Finish finish) {

        String text() {
            var text = new StringBuilder();
            for (var block : blocks) {
                if (block.tool().isEmpty()) {
                    block.pieces().forEach(piece -> text.append(piece.text()));
                }
            }
            return text.toString();
        }

        List<Block> tools() {
            return blocks.stream().filter(block -> block.tool().isPresent()).toList();
        }
    }

    /// A run of text, or the input of one tool call.
    ///
    /// @param tool name of the tool called
    /// @param toolCallId empty for text
    record Block(Optional<String> tool, String toolCallId, List<Piece> pieces) {

        String joined() {
            var text = new StringBuilder();
            pieces.forEach(piece -> text.append(piece.text()));
            return text.toString();
        }
    }

    /// One chunk of content.
    ///
    /// @param outputTokens output tokens of the whole answer once this piece is sent
    record Piece(String text, long outputTokens) {}
}
