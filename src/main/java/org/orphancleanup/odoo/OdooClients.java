package org.orphancleanup.odoo;

import org.orphancleanup.target.Target;

/** Opens sessions. */
public interface OdooClients {

    /**
     * Logs in: JSON-RPC where the server offers it, else JSON-2, or the one {@code api.protocol()} names.
     *
     * @throws OdooException of kind LOGIN, DATABASE, UNREACHABLE …
     */
    OdooClient open(Target.Api api);
}
