package org.orphancleanup.schedule;

import java.util.Map;

/** Quartz's cron expressions in words, the usual ones; the others are shown as they are. */
final class CronWords {

    private static final Map<String, String> DAYS = Map.of(
            "MON",
            "Monday",
            "TUE",
            "Tuesday",
            "WED",
            "Wednesday",
            "THU",
            "Thursday",
            "FRI",
            "Friday",
            "SAT",
            "Saturday",
            "SUN",
            "Sunday");

    private CronWords() {}

    static String of(String cron) {
        String[] parts = cron.strip().split("\\s+");
        if (parts.length < 6 || !parts[0].matches("\\d+") || !parts[1].matches("\\d+") || !parts[4].equals("*")) {
            return "by " + cron;
        }
        String minute = String.format("%02d", Integer.parseInt(parts[1]));
        boolean everyDayOfMonth = parts[3].equals("*") || parts[3].equals("?");
        boolean everyDayOfWeek = parts[5].equals("*") || parts[5].equals("?");
        String day;
        if (everyDayOfMonth && everyDayOfWeek) {
            day = "every day";
        } else if (everyDayOfMonth && parts[5].equalsIgnoreCase("MON-FRI")) {
            day = "Monday to Friday";
        } else if (everyDayOfMonth && DAYS.containsKey(parts[5].toUpperCase(java.util.Locale.ROOT))) {
            day = "every " + DAYS.get(parts[5].toUpperCase(java.util.Locale.ROOT));
        } else if (everyDayOfWeek && parts[3].matches("\\d+")) {
            day = "on day " + parts[3] + " of every month";
        } else {
            return "by " + cron;
        }
        if (parts[2].equals("*")) {
            return day + ", every hour at minute " + Integer.parseInt(parts[1]);
        }
        return parts[2].matches("\\d+")
                ? day + " at " + String.format("%02d", Integer.parseInt(parts[2])) + ":" + minute
                : "by " + cron;
    }
}
