package org.orphancleanup.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.orphancleanup.UserError;
import org.orphancleanup.odoo.OdooException;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/** What a person can mend is told on a page, in the words of the command line. */
@ControllerAdvice(annotations = Controller.class)
class Troubles {

    private final EveryPage every;

    Troubles(EveryPage every) {
        this.every = every;
    }

    @ExceptionHandler({UserError.class, OdooException.class})
    String told(RuntimeException error, Model model, HttpServletRequest request, HttpServletResponse response) {
        boolean service = error instanceof OdooException
                || error instanceof UserError user && user.kind() == UserError.Kind.SERVICE;
        response.setStatus(service ? 503 : 409);
        model.addAttribute("me", every.me());
        model.addAttribute("open", every.open());
        model.addAttribute("show", every.show(request));
        model.addAttribute("status", service ? 503 : 409);
        model.addAttribute("told", String.valueOf(error.getMessage()));
        return "error";
    }
}
