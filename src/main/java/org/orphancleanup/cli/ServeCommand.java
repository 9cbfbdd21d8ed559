package org.orphancleanup.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.orphancleanup.user.Accounts;
import org.orphancleanup.user.FirstAdmin;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

@Command(
        name = "serve",
        description = {
            "The web pages and the schedule, until it is told to end. Listens on 127.0.0.1:8080; behind a proxy with TLS set",
            "--server.address=0.0.0.0 --server.forward-headers-strategy=native.",
            "Options it does not know go on to Spring, such as --server.port=8081."
        })
final class ServeCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Unmatched
    private List<String> unknown = new ArrayList<>();

    private final Program program;

    ServeCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() throws InterruptedException {
        for (String option : unknown) {
            if (!option.startsWith("--")) {
                throw new ParameterException(spec.commandLine(), "Unmatched argument: '" + option + "'");
            }
        }
        ConfigurableApplicationContext context =
                program.startServing(Map.of("orphan.schedules", "true"), unknown.toArray(String[]::new));
        if (!context.getBean(Accounts.class).hasUsers() && !hasIdentityProvider(context)) {
            context.getBean(FirstAdmin.class)
                    .make()
                    .ifPresent(password -> program.console()
                            .print("First start: sign in as " + FirstAdmin.NAME + " with the password " + password
                                    + " (told this once; orphan.web.users replaces it)"));
        }
        program.console().print("Listening on " + address(context) + " (Ctrl-C ends)");
        untilClosed(context);
        return 0;
    }

    /** With one, who may do what is its business. */
    private static boolean hasIdentityProvider(ConfigurableApplicationContext context) {
        return context.getBeanNamesForType(ClientRegistrationRepository.class).length > 0;
    }

    static String address(ConfigurableApplicationContext context) {
        String host = context.getEnvironment().getProperty("server.address", "127.0.0.1");
        WebServer server = ((WebServerApplicationContext) context).getWebServer();
        return "http://" + host + ":" + (server == null ? 0 : server.getPort());
    }

    static void untilClosed(ConfigurableApplicationContext context) throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        context.addApplicationListener(event -> {
            if (event instanceof ContextClosedEvent) {
                closed.countDown();
            }
        });
        closed.await();
    }
}
