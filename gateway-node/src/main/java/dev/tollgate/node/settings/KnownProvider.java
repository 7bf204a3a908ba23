package dev.tollgate.node.settings;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Providers that the environment alone can configure, by the variables their own SDKs read.
enum KnownProvider {
    OPENAI("https://api.openai.com/v1", "OPENAI_API_KEY", "OPENAI_BASE_URL", true, ""),
    ANTHROPIC(
            "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", true, "/v1"),
    OLLAMA("http://127.0.0.1:11434/v1", "", "OLLAMA_HOST", false, "/v1");

    private final URI baseUrl;
    private final String credentialVariable;
    private final String baseUrlVariable;
    private final boolean needsCredential;
    private final String versionPath;

    /// @param versionPath what the variable leaves out of the base URL, as the provider's SDK does
    KnownProvider(
            String baseUrl,
            String credentialVariable,
            String baseUrlVariable,
            boolean needsCredential,
            String versionPath) {
        this.baseUrl = URI.create(baseUrl);
        this.credentialVariable = credentialVariable;
        this.baseUrlVariable = baseUrlVariable;
        this.needsCredential = needsCredential;
        this.versionPath = versionPath;
    }

    static Optional<KnownProvider> of(String type) {
        return Arrays.stream(values()).filter(known -> known.label().equals(type)).findFirst();
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    URI baseUrl() {
        return baseUrl;
    }

    String credentialVariable() {
        return credentialVariable;
    }

    String baseUrlVariable() {
        return baseUrlVariable;
    }

    boolean needsCredential() {
        return needsCredential;
    }

    /// The base URL with its version segment; a host alone is taken as `http`.
    URI baseUrl(@Nullable String configured, List<SettingsFault> faults) {
        if (configured == null || configured.isBlank()) {
            return baseUrl;
        }
        var text = configured.strip().replaceAll("/+$", "");
        if (!text.contains("://")) {
            text = "http://" + text;
        }
        if (!versionPath.isEmpty() && !text.endsWith(versionPath)) {
            text += versionPath;
        }
        try {
            var url = new URI(text);
            if (url.getHost() != null
                    && url.getUserInfo() == null
                    && List.of("http", "https").contains(String.valueOf(url.getScheme()))) {
                return url;
            }
        } catch (java.net.URISyntaxException _) {
            // told below
        }
        faults.add(
                new SettingsFault(
                        baseUrlVariable, configured, "an http or https address without user"));
        return baseUrl;
    }
}
