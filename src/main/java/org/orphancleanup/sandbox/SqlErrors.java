package org.orphancleanup.sandbox;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** PostgreSQL's refusals as Odoo tells them. */
final class SqlErrors {

    private final Registry registry;

    SqlErrors(Registry registry) {
        this.registry = registry;
    }

    RuntimeException translate(SQLException e) {
        ServerErrorMessage server = e instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String message = String.valueOf(server == null ? e.getMessage() : server.getMessage());
        return switch (state) {
            case "23503" -> foreignKey(server, message);
            case "23502" -> required(server, message);
            case "23505" -> unique(server, message);
            case "40001" -> OdooError.database("errors.SerializationFailure", message + "\n");
            case "40P01" -> OdooError.database("errors.DeadlockDetected", message + "\n");
            case "55P03" -> OdooError.database("errors.LockNotAvailable", message + "\n");
            case "22003" -> OdooError.database("errors.NumericValueOutOfRange", message + "\n");
            default -> new IllegalStateException(message, e);
        };
    }

    static boolean isRetried(OdooError error) {
        return error.simpleName().equals("SerializationFailure")
                || error.simpleName().equals("DeadlockDetected");
    }

    private OdooError foreignKey(@Nullable ServerErrorMessage server, String message) {
        String constraint = server == null ? null : server.getConstraint();
        Model model = model(server);
        if (constraint == null || model == null) {
            return OdooError.validation("The operation cannot be completed: " + message);
        }
        if (registry.version() < 19) {
            return OdooError.validation(
                    "The operation cannot be completed: another model requires the record being deleted."
                            + " If possible, archive it instead.\n\nModel: " + model.title() + " (" + model.name()
                            + ")\nConstraint: "
                            + constraint + "\n");
        }
        String column = constraint.substring(model.table().length() + 1).replaceFirst("_fkey$", "");
        ModelField field = model.field(column);
        return OdooError.validation(
                "The operation cannot be completed: Another model is using the record you are trying to"
                        + " delete.\n\nThe troublemaker is: '" + model.title() + "' (" + model.name()
                        + ")\nThanks to the following constraint: '" + (field == null ? column : field.title()) + "' ("
                        + column
                        + ")\nHow about archiving the record instead?");
    }

    private OdooError required(@Nullable ServerErrorMessage server, String message) {
        Model model = model(server);
        String column = server == null ? null : server.getColumn();
        ModelField field = model == null || column == null ? null : model.field(column);
        if (model == null || field == null) {
            return OdooError.validation("The operation cannot be completed: " + message);
        }
        return OdooError.validation(
                registry.version() < 19
                        ? "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n- Delete: another"
                                + " model requires the record being deleted. If possible, archive it instead.\n\nModel: "
                                + model.title() + " (" + model.name() + ")\nField: " + field.title() + " ("
                                + field.name()
                                + ")\n"
                        : "The operation cannot be completed: Missing required value for the field '" + field.title()
                                + "' ("
                                + field.name() + ").\nModel: '" + model.title() + "' (" + model.name()
                                + ")\n- create/update: a mandatory field is not set\n- delete: another model requires the record"
                                + " being deleted, you can archive it instead\n");
    }

    private OdooError unique(@Nullable ServerErrorMessage server, String message) {
        Model model = model(server);
        String why = model != null && model.unique() != null ? model.unique().message() : message;
        return OdooError.validation("The operation cannot be completed: " + why);
    }

    private @Nullable Model model(@Nullable ServerErrorMessage server) {
        String table = server == null ? null : server.getTable();
        return registry.models().stream()
                .filter(model -> model.table().equals(table))
                .findFirst()
                .orElse(null);
    }
}
