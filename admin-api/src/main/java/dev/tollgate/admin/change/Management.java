package dev.tollgate.admin.change;

import dev.tollgate.admin.problem.AdminProblem.ManagedElsewhere;
import dev.tollgate.admin.problem.AdminRefusal;

/// The rule that the API leaves alone what the file or the environment manages, unless told to take
/// it over.
///
/// @param file the name of the configuration file
public record Management(String file) {

    /// @throws AdminRefusal when the resource has another manager and stays with it
    public void checkEditable(String kind, String name, String managedBy, boolean takeOver) {
        var manager = Manager.of(managedBy);
        if (manager != Manager.API && !takeOver) {
            throw new AdminRefusal(
                    new ManagedElsewhere(kind, name, manager.label(), where(manager)));
        }
    }

    private String where(Manager manager) {
        return manager == Manager.FILE ? file : "the environment of the node";
    }
}
