package org.orphancleanup.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.orphancleanup.UserError;
import org.orphancleanup.user.Passwords;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "hash",
        description = {
            "Print the hash of a password, read from the terminal or standard input, for orphan.web.users.NAME.password.",
            "With --token make a token of the API, and its hash for orphan.web.tokens.NAME.hash."
        })
final class HashCommand implements Callable<Integer> {

    private static final int SHORTEST = 8;
    /** bcrypt reads no further. */
    private static final int LONGEST_BYTES = 72;

    @Option(names = "--token", description = "Make a token instead.")
    private boolean token;

    private final Console console;

    HashCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (token) {
            String made = Passwords.randomToken();
            console.print("token " + made);
            console.print("hash  " + Passwords.hashOfToken(made));
            return 0;
        }
        String password = password();
        if (password.length() < SHORTEST || password.getBytes(StandardCharsets.UTF_8).length > LONGEST_BYTES) {
            throw UserError.setting(
                    "A password has " + SHORTEST + " letters or more, and " + LONGEST_BYTES + " bytes or less.");
        }
        console.print(String.valueOf(Passwords.encoder().encode(password)));
        return 0;
    }

    private static String password() throws IOException {
        java.io.Console terminal = System.console();
        if (terminal != null) {
            char[] typed = terminal.readPassword("Password: ");
            return typed == null ? "" : new String(typed);
        }
        String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        return line == null ? "" : line;
    }
}
