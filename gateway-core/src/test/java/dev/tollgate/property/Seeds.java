package dev.tollgate.property;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.AnnotationConsumer;
import org.junit.jupiter.params.support.ParameterDeclarations;

/// New seeds, or the one that is asked for.
final class Seeds implements ArgumentsProvider, AnnotationConsumer<Property> {

    static final String SYSTEM_PROPERTY = "tollgate.seed";

    private int tries = 1;

    @Override
    public void accept(Property property) {
        tries = property.tries();
    }

    @Override
    public Stream<? extends Arguments> provideArguments(
            ParameterDeclarations parameters, ExtensionContext context) {
        var asked = System.getProperty(SYSTEM_PROPERTY);
        return asked == null
                ? new SplittableRandom().longs(tries).mapToObj(Arguments::of)
                : Stream.of(Arguments.of(Long.valueOf(asked)));
    }
}
