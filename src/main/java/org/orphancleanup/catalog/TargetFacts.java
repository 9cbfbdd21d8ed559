package org.orphancleanup.catalog;

import org.springframework.jdbc.core.simple.JdbcClient;

/** What a {@link ReferenceSource} can ask. */
record TargetFacts(JdbcClient jdbc, DatabaseSchema schema, Metadata metadata, ModelTables models) {}
