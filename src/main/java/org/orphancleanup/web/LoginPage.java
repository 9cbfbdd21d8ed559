package org.orphancleanup.web;

import java.util.ArrayList;
import java.util.List;
import org.orphancleanup.user.Accounts;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/** Where a person signs in. */
@Controller
class LoginPage {

    private final Accounts accounts;
    private final List<Provider> providers = new ArrayList<>();

    LoginPage(Accounts accounts, ObjectProvider<ClientRegistrationRepository> repository) {
        this.accounts = accounts;
        if (repository.getIfAvailable() instanceof Iterable<?> registrations) {
            registrations.forEach(each -> {
                if (each instanceof ClientRegistration registration) {
                    providers.add(new Provider(registration.getRegistrationId(), registration.getClientName()));
                }
            });
        }
    }

    /** An identity provider. */
    record Provider(String id, String name) {}

    @GetMapping("/login")
    String login(Model model) {
        if (accounts.isOpen()) {
            return "redirect:/";
        }
        model.addAttribute("providers", providers);
        return "login";
    }
}
