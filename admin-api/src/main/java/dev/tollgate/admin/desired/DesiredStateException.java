package dev.tollgate.admin.desired;

import dev.tollgate.admin.problem.Fault;
import java.util.List;
import java.util.stream.Collectors;

/// The file or the environment asks for something that cannot be; nothing was applied.
public final class DesiredStateException extends RuntimeException {

    private final transient List<Fault> faults;

    DesiredStateException(List<Fault> faults) {
        super(faults.stream().map(Fault::sentence).collect(Collectors.joining("\n")));
        this.faults = List.copyOf(faults);
    }

    /// All of them, by path.
    public List<Fault> faults() {
        return faults;
    }
}
