package org.orphancleanup.web;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import org.orphancleanup.user.Accounts;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.util.WebUtils;

/** What every page knows. */
@ControllerAdvice(annotations = Controller.class)
class EveryPage {

    private final Accounts accounts;
    private final Clock clock;

    EveryPage(Accounts accounts, Clock clock) {
        this.accounts = accounts;
        this.clock = clock;
    }

    @ModelAttribute("me")
    Me me() {
        return Me.now();
    }

    /** The demo: nobody signs in. */
    @ModelAttribute("open")
    boolean open() {
        return accounts.isOpen();
    }

    /** The browser names its zone in a cookie; one that does not sees the server's. */
    @ModelAttribute("show")
    Show show(HttpServletRequest request) {
        Cookie zone = WebUtils.getCookie(request, "zone");
        return new Show(Show.zone(zone == null ? null : zone.getValue(), clock.getZone()), clock);
    }
}
