/// The OpenAI dialect as spoken by OpenAI, Ollama and many others.
@NullMarked
package dev.tollgate.node.provider.openai;

import org.jspecify.annotations.NullMarked;
