package org.orphancleanup.job;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Text files that people write. */
final class Utf8 {

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private Utf8() {}

    /** @return the text without a byte order mark; null when there was a problem */
    static @Nullable String read(Path file, Problems problems, String remedyIfUnreadable) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            String reason = e instanceof NoSuchFileException
                    ? "there is no such file"
                    : e instanceof AccessDeniedException
                            ? "it may not be read"
                            : Files.isDirectory(file)
                                    ? "it is a directory"
                                    : "it cannot be read (" + e.getMessage() + ")";
            problems.add(1, reason + "; " + remedyIfUnreadable);
            return null;
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer characters = CharBuffer.allocate(bytes.length + 1);
        CoderResult result = decoder.decode(ByteBuffer.wrap(bytes), characters, true);
        String text = characters.flip().toString();
        if (result.isError()) {
            int line = 1 + (int) text.chars().filter(sign -> sign == '\n').count();
            problems.add(line, "the file is not in UTF-8 here; save it as UTF-8");
            return null;
        }
        return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    }
}
