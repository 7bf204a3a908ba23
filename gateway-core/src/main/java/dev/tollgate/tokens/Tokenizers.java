package dev.tollgate.tokens;

import java.util.List;
import java.util.Map;

/// Which encoding is nearest to a model's tokenizer, by the beginning of its name.
///
/// The source is OpenAI's own table in tiktoken. Providers that publish no tokenizer, and models we
/// have never heard of, count as [#O200K], the encoding of current models.
public final class Tokenizers {

    public static final String O200K = "o200k_base";
    public static final String CL100K = "cl100k_base";

    /// The first prefix that fits decides, so longer ones stand first.
    private static final List<Map.Entry<String, String>> PREFIXES =
            List.of(
                    Map.entry("gpt-4o", O200K),
                    Map.entry("gpt-4.", O200K),
                    Map.entry("gpt-4", CL100K),
                    Map.entry("gpt-3.5", CL100K),
                    Map.entry("gpt-35", CL100K),
                    Map.entry("text-embedding-3", CL100K),
                    Map.entry("text-embedding-ada-002", CL100K));

    private Tokenizers() {}

    /// The encoding of `model`, whatever path or provider stands before its name.
    public static String encodingOf(String model) {
        var name = model.substring(model.lastIndexOf('/') + 1);
        for (var prefix : PREFIXES) {
            if (name.startsWith(prefix.getKey())) {
                return prefix.getValue();
            }
        }
        return O200K;
    }
}
