package org.orphancleanup;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** The program. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class OrphanCleanup {

    public static void main(String[] args) {
        SpringApplication.run(OrphanCleanup.class, args);
    }
}
