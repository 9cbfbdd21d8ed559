package org.orphancleanup.repair;

/**
 * What became of a batch.
 *
 * @param repaired parts that are clean by the engine's own look
 */
public record BatchResult(long repaired) {}
