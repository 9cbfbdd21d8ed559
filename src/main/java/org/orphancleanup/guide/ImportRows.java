package org.orphancleanup.guide;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.dhatim.fastexcel.reader.Cell;
import org.dhatim.fastexcel.reader.CellType;
import org.dhatim.fastexcel.reader.ExcelReaderException;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Row;
import org.orphancleanup.UserError;

/** Rows of an import file, one after the other: CSV by comma, semicolon or tab, or the first sheet of an XLSX file. */
final class ImportRows {

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private ImportRows() {}

    interface Sink {

        void header(List<String> columns);

        /** @param number as a spreadsheet shows it: the header is 1 */
        void row(long number, List<String> values);
    }

    /** @throws UserError naming the file where it cannot be read */
    static void read(Path file, Sink sink) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw UserError.setting("The file " + file + " is not there or cannot be read. Check its name and rights.");
        }
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        try {
            if (name.endsWith(".xlsx")) {
                xlsx(file, sink);
            } else {
                csv(file, sink);
            }
        } catch (CharacterCodingException e) {
            throw new UserError(
                    UserError.Kind.SETTING, "The file " + file + " is not UTF-8. Save it as CSV in UTF-8.", e);
        } catch (IOException | UncheckedIOException | ExcelReaderException e) {
            if (e instanceof UncheckedIOException && e.getCause() instanceof CharacterCodingException) {
                throw new UserError(
                        UserError.Kind.SETTING, "The file " + file + " is not UTF-8. Save it as CSV in UTF-8.", e);
            }
            throw new UserError(
                    UserError.Kind.SETTING,
                    "The file " + file + " cannot be read: " + e.getMessage()
                            + ". Save it as CSV in UTF-8, or as XLSX.",
                    e);
        }
    }

    private static void csv(Path file, Sink sink) throws IOException {
        char delimiter = delimiter(file);
        try (BufferedReader reader = open(file);
                CSVParser parser = CSVFormat.RFC4180
                        .builder()
                        .setDelimiter(delimiter)
                        .get()
                        .parse(reader)) {
            long number = 0;
            for (CSVRecord record : parser) {
                number++;
                List<String> values = record.toList();
                if (number == 1) {
                    sink.header(values.stream().map(String::strip).toList());
                } else {
                    sink.row(number, values);
                }
            }
            empty(file, number);
        }
    }

    private static BufferedReader open(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        BufferedReader reader = new BufferedReader(new InputStreamReader(
                in,
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)));
        reader.mark(1);
        if (reader.read() != BYTE_ORDER_MARK) {
            reader.reset();
        }
        return reader;
    }

    /** The one that the header has most of; no field of Odoo has any of them in its name. */
    private static char delimiter(Path file) throws IOException {
        try (BufferedReader reader = open(file)) {
            String header = reader.readLine();
            char best = ',';
            long most = 0;
            for (char candidate : new char[] {',', ';', '\t'}) {
                long count = header == null
                        ? 0
                        : header.chars().filter(c -> c == candidate).count();
                if (count > most) {
                    best = candidate;
                    most = count;
                }
            }
            return best;
        }
    }

    private static void xlsx(Path file, Sink sink) throws IOException {
        try (ReadableWorkbook workbook = new ReadableWorkbook(file.toFile());
                Stream<Row> rows = workbook.getFirstSheet().openStream()) {
            Iterator<Row> all = rows.iterator();
            long number = 0;
            while (all.hasNext()) {
                Row row = all.next();
                boolean header = number == 0;
                number = row.getRowNum();
                List<String> values = new ArrayList<>();
                for (int i = 0; i < row.getCellCount(); i++) {
                    values.add(text(row.getCell(i)));
                }
                if (header) {
                    sink.header(values.stream().map(String::strip).toList());
                } else {
                    sink.row(number, values);
                }
            }
            empty(file, number);
        }
    }

    private static String text(@org.jspecify.annotations.Nullable Cell cell) {
        if (cell == null || cell.getType() == CellType.EMPTY) {
            return "";
        }
        String text = cell.getType() == CellType.NUMBER ? cell.getRawValue() : cell.getText();
        // a whole number that a spreadsheet keeps as a fraction
        return text == null ? "" : text.matches("\\d+\\.0+") ? text.substring(0, text.indexOf('.')) : text;
    }

    private static void empty(Path file, long rows) {
        if (rows == 0) {
            throw UserError.setting("The file " + file + " is empty. Its first row must name the fields.");
        }
    }
}
