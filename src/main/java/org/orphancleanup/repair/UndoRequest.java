package org.orphancleanup.repair;

import org.jspecify.annotations.Nullable;

/**
 * What an undo works with.
 *
 * @param engine the undo's own run, with the references that the undone run read
 * @param undone the run that is undone
 * @param reference only what was done for references of this name, {@code model.field} or its number; null: for all
 * @param record only what was done for this record; null: for all
 */
public record UndoRequest(
        RepairRequest engine,
        long undone,
        @Nullable String reference,
        @Nullable Long record) {}
