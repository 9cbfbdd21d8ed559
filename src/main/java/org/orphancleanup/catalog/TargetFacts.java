package org.orphancleanup.catalog;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What a {@link ReferenceSource} can ask.
 *
 * @param pause called between two pieces of a table
 */
record TargetFacts(JdbcClient jdbc, DatabaseSchema schema, Metadata metadata, ModelTables models, Runnable pause) {}
