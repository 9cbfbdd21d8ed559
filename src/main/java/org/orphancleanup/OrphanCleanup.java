package org.orphancleanup;

import java.time.Clock;
import org.orphancleanup.cli.Cli;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;

/** The program. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class OrphanCleanup {

    public static void main(String[] args) {
        Cli.main(OrphanCleanup.class, args);
    }

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }
}
