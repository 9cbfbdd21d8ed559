package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.orphancleanup.odoo.OdooCall;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.plan.Outcome;

/** With {@code allow.messages}: one internal note per repaired record. Nobody is notified, nobody becomes a follower. */
final class Notes {

    private final Session session;
    private final RepairStore store;
    private final Map<String, Boolean> threads = new ConcurrentHashMap<>();

    Notes(Session session, RepairStore store) {
        this.session = session;
        this.store = store;
    }

    void post(List<Repair> repairs, List<PartResult> results) {
        if (!session.request().job().allow().messages()) {
            return;
        }
        Map<Long, Set<Repair.Key>> repaired = results.stream()
                // a record whose parent came back was not written itself
                .filter(result -> result.outcome() == Outcome.REPAIRED && !PuttingBack.RUNG.equals(result.rung()))
                .collect(Collectors.groupingBy(
                        PartResult::repairNo, Collectors.mapping(PartResult::part, Collectors.toSet())));
        for (Repair repair : repairs) {
            Set<Repair.Key> parts = repaired.get(repair.no());
            String model = repair.model();
            if (parts != null
                    && model != null
                    && isThread(model)
                    && !store.hasNote(repair.no())
                    && !session.rows()
                            .read(repair.table(), Set.of(), List.of(repair.id()))
                            .isEmpty()) {
                post(repair, model, parts);
            }
        }
    }

    private void post(Repair repair, String model, Set<Repair.Key> parts) {
        session.brake().check();
        List<String> told = new ArrayList<>();
        for (Repair.Part part : repair.parts()) {
            if (parts.contains(part.key())) {
                told.add(part.reference().field() + " pointed to "
                        + part.reference().parentModel() + " #" + part.missingId() + ", which no longer exists ("
                        + part.policy().code() + ")");
            }
        }
        Map<String, Object> options = new LinkedHashMap<>();
        options.put(
                "body", "odoo-orphan-cleanup, run " + session.request().runId() + ": " + String.join("; ", told) + ".");
        options.put("message_type", "comment");
        options.put("subtype_xmlid", "mail.mt_note");
        Map<String, Object> context = new LinkedHashMap<>(session.contexts().quiet(repair.company()));
        context.put("mail_post_autofollow", false);
        context.put("mail_notify_force_send", false);
        List<Long> ids = List.of(repair.id());
        Journal.Call call = new Journal.Call(model, "message_post", ids, options, context, note(repair.no()));
        try {
            session.journal()
                    .carryOut(
                            call,
                            () -> session.odoo()
                                    .call(new OdooCall(model, "message_post", ids, Map.of(), options, context)));
        } catch (OdooException e) {
            // the repair stands without its note
            session.goOnOrThrow(e);
        }
    }

    static String note(long repairNo) {
        return "note of repair " + repairNo;
    }

    private boolean isThread(String model) {
        return threads.computeIfAbsent(
                model,
                m -> session.rows().columns("ir_model").contains("is_mail_thread")
                        && session.rows()
                                .jdbc()
                                .sql(
                                        "SELECT coalesce(bool_or(is_mail_thread), false) FROM ir_model WHERE model = :model")
                                .param("model", m)
                                .query(Boolean.class)
                                .single());
    }
}
