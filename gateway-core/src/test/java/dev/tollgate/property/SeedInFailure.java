package dev.tollgate.property;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/// Adds the seed to what a failed property says.
final class SeedInFailure implements InvocationInterceptor {

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> property,
            ExtensionContext context)
            throws Throwable {
        try {
            invocation.proceed();
        } catch (Throwable failure) {
            throw new AssertionError(
                    "replay with seed = "
                            + property.getArguments().getFirst()
                            + " (-D"
                            + Seeds.SYSTEM_PROPERTY
                            + "): "
                            + failure.getMessage(),
                    failure);
        }
    }
}
