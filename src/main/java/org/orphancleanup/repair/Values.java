package org.orphancleanup.repair;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.orphancleanup.catalog.Storage;
import tools.jackson.databind.JsonNode;

/** Column values as the database gives them in JSON, and as a write takes them. */
final class Values {

    private static final Pattern ISO_DATE_TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.*");

    private static final Set<String> NUMBERS = Set.of("integer", "float", "monetary", "boolean");

    private Values() {}

    /** Whether a value can be written back as it is: translations, per-company values and one2many fields cannot. */
    static boolean isWritable(ModelInfo info, String field, JsonNode value) {
        String type = info.type(field);
        if (type == null || type.equals("one2many") || type.equals("binary")) {
            return false;
        }
        if (type.equals("many2many")) {
            return value.isArray();
        }
        return type.equals("json") || !(value.isObject() || value.isArray());
    }

    /** An empty number or flag: a write can only make it 0 or false, which is not the same in the database. */
    static boolean isNoNumber(ModelInfo info, String field, JsonNode value) {
        return value.isNull() && NUMBERS.contains(String.valueOf(info.type(field)));
    }

    /** Whether a write can set exactly this value: no empty number, and no time with a fraction of a second. */
    static boolean isExact(ModelInfo info, String field, JsonNode value) {
        return isWritable(info, field, value)
                && !isNoNumber(info, field, value)
                && !("datetime".equals(info.type(field)) && value.asString("").contains("."));
    }

    static Object toRpc(ModelInfo info, String field, JsonNode value) {
        if (value.isNull()) {
            return false;
        }
        if ("many2many".equals(info.type(field))) {
            return List.of(List.of(6, 0, value));
        }
        if (value.isBoolean()) {
            return value.asBoolean();
        }
        if (value.isIntegralNumber()) {
            return value.asLong();
        }
        if (value.isNumber()) {
            return value.decimalValue();
        }
        if (value.isObject() || value.isArray()) {
            return value;
        }
        String text = value.asString();
        return "datetime".equals(info.type(field))
                        && ISO_DATE_TIME.matcher(text).matches()
                ? text.substring(0, 19).replace('T', ' ')
                : text;
    }

    /** The company a part must be written in: its own for a company-dependent value, else the record's. */
    static long company(Repair.Part part, long recordCompany) {
        return part.reference().storage() instanceof Storage.CompanyValue value ? value.company() : recordCompany;
    }
}
