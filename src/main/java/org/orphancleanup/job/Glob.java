package org.orphancleanup.job;

import java.util.regex.Pattern;

/** A glob of {@code model} or {@code model.field}: {@code *} stands for any characters, dots included; {@code ?} for one. */
public final class Glob {

    private Glob() {}

    public static boolean matches(String glob, String name) {
        StringBuilder regex = new StringBuilder();
        for (char c : glob.toCharArray()) {
            switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.matches(regex.toString(), name);
    }

    public static boolean matchesAny(Iterable<String> globs, String name) {
        for (String glob : globs) {
            if (matches(glob, name)) {
                return true;
            }
        }
        return false;
    }
}
