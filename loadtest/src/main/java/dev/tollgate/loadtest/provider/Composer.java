package dev.tollgate.loadtest.provider;

import dev.tollgate.loadtest.provider.Answer.Block;
import dev.tollgate.loadtest.provider.Answer.Choice;
import dev.tollgate.loadtest.provider.Answer.Finish;
import dev.tollgate.loadtest.provider.Answer.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Turns a scripted completion into one answer: draws lengths, cuts at the requested maximum,
/// counts tokens. Used for one answer.
final class Composer {

    private final Completion completion;
    private final ModelRequest request;
    private final Tokenizer tokenizer;
    private final RandomGenerator random;
    private final Dialect dialect;

    /// Output tokens so far, over all choices.
    private long produced;

    Composer(
            Completion completion,
            ModelRequest request,
            Tokenizer tokenizer,
            RandomGenerator random,
            Dialect dialect) {
        this.completion = completion;
        this.request = request;
        this.tokenizer = tokenizer;
        this.random = random;
        this.dialect = dialect;
    }

    Answer compose(long number, long createdSeconds) {
        var cap = request.outputTokensMax().orElse(Long.MAX_VALUE);
        var reasoning = Math.min(completion.metering().reasoning(), cap);
        var embeddings = request.inputs() > 0;
        produced = embeddings ? 0 : reasoning;
        var choices = new ArrayList<Choice>();
        for (int i = 0; i < request.choices() && !embeddings; i++) {
            choices.add(choice(number, i, i == 0 ? cap - reasoning : cap));
        }
        var split = completion.metering().split(request.inputTokens(tokenizer), produced);
        // The OpenAI dialect tells cache writes as one number.
        var tokens = dialect == Dialect.OPENAI ? split.withOneCacheWrite() : split;
        return new Answer(
                idOf(number),
                createdSeconds,
                completion.servedBy().orElse(request.name()),
                List.copyOf(choices),
                tokens,
                completion.metering().report(),
                request.includeUsage());
    }

    private String idOf(long number) {
        var unique = Long.toHexString(random.nextLong() | Long.MIN_VALUE);
        return switch (dialect) {
            case OPENAI -> "chatcmpl-" + unique + "n" + number;
            case ANTHROPIC -> "msg_01" + unique + "n" + number;
        };
    }

    private Choice choice(long number, int index, long cap) {
        return switch (completion.content()) {
            case Content.Text(var text) -> textChoice(text, cap);
            case Content.Chunks(var chunks) -> chunkChoice(chunks, cap);
            case Content.Generated(var min, var max) -> generatedChoice(min, max, cap);
            case Content.ToolUse use -> toolChoice(use, number, index, cap);
        };
    }

    private Choice textChoice(String text, long cap) {
        var pieces = tokenizer.split(text, cap);
        var shown = pieces.stream().mapToInt(String::length).sum();
        return new Choice(
                List.of(textBlock(pieces)), shown < text.length() ? Finish.LENGTH : Finish.STOP);
    }

    private Choice generatedChoice(long min, long max, long cap) {
        var most = Math.min(max, cap);
        if (most < 1) {
            return new Choice(List.of(textBlock(List.of())), Finish.LENGTH);
        }
        var least = Math.min(min, most);
        var wanted = least + random.nextLong(most - least + 1);
        var pieces = tokenizer.split(Words.text(random, wanted * Tokenizer.BYTES_MAX), wanted);
        return new Choice(List.of(textBlock(pieces)), wanted == cap ? Finish.LENGTH : Finish.STOP);
    }

    /// Chunks keep their borders; tokens are spread over them by length.
    private Choice chunkChoice(List<String> chunks, long cap) {
        var whole = String.join("", chunks);
        var tokens = Math.min(cap, tokenizer.count(whole));
        var length =
                tokens < cap
                        ? whole.length()
                        : tokenizer.split(whole, cap).stream().mapToInt(String::length).sum();
        var pieces = new ArrayList<Piece>();
        var before = produced;
        var at = 0;
        for (var chunk : chunks) {
            var end = Math.min(at + chunk.length(), length);
            if (end > at || chunk.isEmpty()) {
                var share = length == 0 ? 0 : Math.ceilDiv(tokens * end, length);
                pieces.add(new Piece(whole.substring(at, end), scaled(before + share)));
            }
            at = end;
        }
        produced = before + tokens;
        var block = new Block(Optional.empty(), "", List.copyOf(pieces));
        return new Choice(List.of(block), length < whole.length() ? Finish.LENGTH : Finish.STOP);
    }

    private Choice toolChoice(Content.ToolUse use, long number, int index, long cap) {
        var blocks = new ArrayList<Block>();
        var left = cap;
        if (!use.text().isEmpty()) {
            var pieces = tokenizer.split(use.text(), left);
            blocks.add(textBlock(pieces));
            left -= pieces.size();
        }
        var finish = Finish.TOOL;
        for (int i = 0; i < use.calls().size(); i++) {
            var call = use.calls().get(i);
            // The name is output too.
            var name = Math.min(left, tokenizer.count(call.name()));
            produced += name;
            left -= name;
            var pieces = tokenizer.split(call.inputJson(), left);
            left -= pieces.size();
            if (pieces.stream().mapToInt(String::length).sum() < call.inputJson().length()) {
                finish = Finish.LENGTH;
            }
            var id = (dialect == Dialect.OPENAI ? "call_" : "toolu_01") + number + "x" + index + i;
            blocks.add(new Block(Optional.of(call.name()), id, counted(pieces)));
        }
        return new Choice(List.copyOf(blocks), finish);
    }

    private Block textBlock(List<String> pieces) {
        return new Block(Optional.empty(), "", counted(pieces));
    }

    private List<Piece> counted(List<String> tokens) {
        var pieces = new ArrayList<Piece>(tokens.size());
        for (var token : tokens) {
            produced++;
            pieces.add(new Piece(token, scaled(produced)));
        }
        return pieces;
    }

    /// With exact tokens scripted, no more than those are ever billed.
    private long scaled(long tokens) {
        return completion
                .metering()
                .exact()
                .map(exact -> Math.min(exact.output(), tokens))
                .orElse(tokens);
    }
}
