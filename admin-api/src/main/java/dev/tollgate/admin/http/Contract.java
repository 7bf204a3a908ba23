package dev.tollgate.admin.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tollgate.admin.problem.AdminProblem.Invalid;
import dev.tollgate.admin.problem.AdminRefusal;
import dev.tollgate.admin.problem.Fault;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.common.dsl.SchemaType;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Parameter;
import io.vertx.openapi.validation.RequestParameter;
import io.vertx.openapi.validation.RequestValidator;
import io.vertx.openapi.validation.SchemaValidationException;
import io.vertx.openapi.validation.ValidatableRequest;
import io.vertx.openapi.validation.ValidatorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/// The OpenAPI document, as it is served and as requests are held against it.
///
/// The operations' own readers come first and say in words what is wrong; this is the net below
/// them, so that nothing the document excludes is ever acted on.
public final class Contract {

    private static final String RESOURCE = "/openapi/admin.yaml";
    // The validator knows JSON by a list of its own, in which these are not.
    private static final String PROBLEM_JSON = "\"application/problem+json\"";
    private static final String YAML = "\"application/yaml\"";

    private final String yaml;
    private final String json;
    private final OpenAPIContract contract;
    private final RequestValidator validator;
    private final Map<String, Set<String>> textParameters;

    private Contract(Vertx vertx, String yaml, String json, OpenAPIContract contract) {
        this.yaml = yaml;
        this.json = json;
        this.contract = contract;
        this.validator = RequestValidator.create(vertx, contract);
        this.textParameters =
                contract.operations().stream()
                        .collect(
                                Collectors.toMap(
                                        Operation::getOperationId, Contract::textParameters));
    }

    private static Set<String> textParameters(Operation operation) {
        return operation.getParameters().stream()
                .filter(parameter -> parameter.getSchemaType() == SchemaType.STRING)
                .map(Parameter::getName)
                .collect(Collectors.toSet());
    }

    public static Future<Contract> load(Vertx vertx) {
        var yaml = resource();
        var json = toJson(yaml);
        return OpenAPIContract.from(vertx, new JsonObject(forValidator(json)))
                .map(contract -> new Contract(vertx, yaml, json, contract));
    }

    public String yaml() {
        return yaml;
    }

    public String json() {
        return json;
    }

    /// Every operation of the document.
    public List<Operation> operations() {
        return contract.operations();
    }

    /// The document for a validator of answers, where problems are `application/vnd.problem+json`.
    public OpenAPIContract forValidation() {
        return contract;
    }

    /// Blocks until the request is found to be within the document.
    ///
    /// @throws AdminRefusal when it is not
    void check(Call call, String contentType, Map<String, String> headers) {
        try {
            validator
                    .validate(validatable(call, contentType, headers), call.operation())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ValidatorException invalid) {
                throw refusal(invalid);
            }
            throw e;
        }
    }

    private static AdminRefusal refusal(ValidatorException invalid) {
        if (invalid instanceof SchemaValidationException schema
                && schema.getOutputUnit() != null
                && schema.getOutputUnit().getErrors() != null) {
            var faults =
                    schema.getOutputUnit().getErrors().stream()
                            .filter(error -> error.getInstanceLocation() != null)
                            .map(error ->
                                    new Fault(
                                            error.getInstanceLocation(),
                                            null,
                                            String.valueOf(error.getError())))
                            .toList();
            if (!faults.isEmpty()) {
                return new AdminRefusal(new Invalid(faults));
            }
        }
        return AdminRefusal.of(
                new Fault("request", invalid.getMessage(), "a request as in /openapi.yaml"));
    }

    /// A call as the validator wants it.
    private record Validatable(
            Map<String, RequestParameter> getHeaders,
            Map<String, RequestParameter> getPathParameters,
            Map<String, RequestParameter> getQuery,
            RequestParameter getBody,
            String getContentType)
            implements ValidatableRequest {

        @Override
        public Map<String, RequestParameter> getCookies() {
            return Map.of();
        }
    }

    private Validatable validatable(Call call, String contentType, Map<String, String> headers) {
        var query = new HashMap<String, String>();
        call.query().forEach((name, values) -> query.put(name, values.getFirst()));
        var texts = textParameters.getOrDefault(call.operation(), Set.of());
        return new Validatable(
                parameters(headers, texts),
                parameters(call.pathParameters(), texts),
                parameters(query, texts),
                () -> Buffer.buffer(call.body()),
                contentType);
    }

    /// Text is quoted: bare, the validator would take `1.5` for a number.
    private static Map<String, RequestParameter> parameters(
            Map<String, String> values, Set<String> texts) {
        var parameters = new HashMap<String, RequestParameter>();
        values.forEach((name, value) -> {
            var given = texts.contains(name) ? Json.encode(value) : value;
            parameters.put(name, () -> given);
        });
        return parameters;
    }

    private static String resource() {
        try (var stream = Contract.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new IllegalStateException(RESOURCE + " is not on the class path");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String toJson(String yaml) {
        try {
            return new ObjectMapper().writeValueAsString(new YAMLMapper().readTree(yaml));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String forValidator(String json) {
        return json.replace(PROBLEM_JSON, "\"application/vnd.problem+json\"")
                .replace(YAML, "\"text/plain\"");
    }
}
