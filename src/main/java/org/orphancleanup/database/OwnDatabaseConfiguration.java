package org.orphancleanup.database;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.orphancleanup.UserError;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** Our own database: the embedded one unless {@code spring.datasource.url} names another. */
@Configuration(proxyBeanMethods = false)
class OwnDatabaseConfiguration {

    @Bean
    @Conditional(NoUrl.class)
    EmbeddedDatabase embeddedDatabase(DataDirectory directory) {
        return EmbeddedDatabase.start(directory.path());
    }

    /** The pool is built from these details, so that on shutdown it is closed before the server is left. */
    @Bean
    @Conditional(NoUrl.class)
    JdbcConnectionDetails embeddedConnectionDetails(EmbeddedDatabase database) {
        return new JdbcConnectionDetails() {
            @Override
            public String getUsername() {
                return database.user();
            }

            @Override
            public String getPassword() {
                return database.password();
            }

            @Override
            public String getJdbcUrl() {
                return database.jdbcUrl();
            }
        };
    }

    /** So that a database tells which release made it what it is. */
    @Bean
    FlywayConfigurationCustomizer release(ObjectProvider<BuildProperties> build) {
        return flyway -> flyway.installedBy(SchemaVersion.PROGRAM
                + build.stream().map(BuildProperties::getVersion).findFirst().orElse(SchemaVersion.NO_RELEASE));
    }

    @Bean
    FlywayMigrationStrategy migration(DataSource ours) {
        return flyway -> {
            try (Connection connection = ours.getConnection()) {
                connection.isValid(5);
            } catch (SQLException e) {
                throw UserError.service(
                        "The program's own database (spring.datasource.url) does not answer: " + e.getMessage()
                                + ". Start it, or mend the address, user and password.",
                        e);
            }
            SchemaVersion.check(flyway);
            flyway.migrate();
        };
    }

    static final class NoUrl implements Condition {

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return !StringUtils.hasText(context.getEnvironment().getProperty("spring.datasource.url"));
        }
    }

    @Bean
    DataDirectory dataDirectory(org.springframework.core.env.Environment environment) {
        return new DataDirectory(Path.of(environment.getProperty("orphan.data-dir", "data"))
                .toAbsolutePath()
                .normalize());
    }
}
