package dev.tollgate.loadtest.provider;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.SplittableRandom;

/// Embeddings of the OpenAI dialect: unit-less seeded vectors, the same for the same place in a
/// request.
final class Embeddings {

    private static final int DIMENSIONS = 1_536;

    private Embeddings() {}

    static String whole(Answer answer, ModelRequest request) {
        var dimensions = request.dimensions() > 0 ? request.dimensions() : DIMENSIONS;
        var json = new JsonText().open().field("object", "list").openList("data");
        for (int i = 0; i < request.inputs(); i++) {
            var vector = vector(i, dimensions);
            json.openItem().field("object", "embedding").field("index", i);
            if (request.base64()) {
                json.field("embedding", base64(vector));
            } else {
                json.raw("embedding", list(vector));
            }
            json.close();
        }
        json.closeList().field("model", answer.model());
        usage(json, answer);
        return json.close().toString();
    }

    private static void usage(JsonText json, Answer answer) {
        switch (answer.report()) {
            case MISSING -> {}
            case NULL -> json.raw("usage", "null");
            case WRONG_TYPE -> json.field("usage", "lots");
            case HONEST, ZERO, NEGATIVE, HUGE, OVERFLOWING -> {
                var tokens = Wire.told(answer.report(), answer.tokens().input());
                json.open("usage").raw("prompt_tokens", tokens).raw("total_tokens", tokens).close();
            }
        }
    }

    private static float[] vector(int index, int dimensions) {
        var random = new SplittableRandom(index);
        var vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = (random.nextInt(2_001) - 1_000) / 32_768f;
        }
        return vector;
    }

    /// Little-endian 32-bit floats, which is what official SDKs ask for and decode.
    private static String base64(float[] vector) {
        var bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    private static String list(float[] vector) {
        var text = new StringBuilder("[");
        for (int i = 0; i < vector.length; i++) {
            text.append(i == 0 ? "" : ",").append(vector[i]);
        }
        return text.append(']').toString();
    }
}
