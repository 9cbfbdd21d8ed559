package org.orphancleanup.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.audit.Action;
import org.orphancleanup.audit.AuditLog;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/** Who did what. */
@Controller
class AuditPage {

    private final AuditLog audit;

    AuditPage(AuditLog audit) {
        this.audit = audit;
    }

    @GetMapping("/audit")
    String audit(HttpServletRequest request, Model model) {
        Address address = Address.of(request);
        List<AuditLog.Entry> entries = audit.list(filter(address), RunsPage.SIZE + 1);
        boolean more = entries.size() > RunsPage.SIZE;
        List<AuditLog.Entry> shown = more ? entries.subList(0, RunsPage.SIZE) : entries;
        model.addAttribute("address", address);
        model.addAttribute("entries", shown);
        model.addAttribute("actions", Action.values());
        model.addAttribute(
                "next", more ? Long.toString(shown.get(shown.size() - 1).id()) : null);
        return "audit";
    }

    static AuditLog.Filter filter(Address address) {
        return new AuditLog.Filter(
                address.get("who"),
                action(address.get("action")),
                RunPage.number(address.get("run")),
                RunPage.number(address.get("after")));
    }

    private static @Nullable Action action(@Nullable String code) {
        return code == null ? null : Action.of(code).orElse(null);
    }
}
