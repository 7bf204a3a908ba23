package dev.tollgate.node.settings;

import java.util.List;
import java.util.stream.Collectors;

/// The settings cannot be used. Its message lists every fault.
public final class SettingsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<SettingsFault> faults;

    public SettingsException(String source, List<SettingsFault> faults) {
        super(
                source
                        + " cannot be used:\n"
                        + faults.stream()
                                .map(fault -> "  " + fault)
                                .collect(Collectors.joining("\n")));
        this.faults = List.copyOf(faults);
    }

    public List<SettingsFault> faults() {
        return faults;
    }
}
