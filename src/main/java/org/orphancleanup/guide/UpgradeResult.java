package org.orphancleanup.guide;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code upgrade-check} came to; also the format of a baseline.
 *
 * @param run that counted what dangles; its report has every row
 * @param newer the Odoo version it was compared with; null: with none
 * @param fresh findings that are new or have grown; all of them without a baseline
 * @param gone what the baseline has and is no more
 * @param job a job definition that would clean what dangles; null where nothing does
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record UpgradeResult(
        String target,
        String odooVersion,
        @Nullable String newer,
        long run,
        @JsonProperty("new") long fresh,
        List<UpgradeFinding> findings,
        List<String> gone,
        @Nullable String job) {}
