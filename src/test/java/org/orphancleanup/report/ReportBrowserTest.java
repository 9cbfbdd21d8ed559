package org.orphancleanup.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser. */
class ReportBrowserTest {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

    @TempDir
    static Path directory;

    private static Playwright playwright;
    private static Browser browser;

    @BeforeAll
    static void open() {
        Assumptions.assumeTrue(Files.isExecutable(CHROMIUM), "skipped: there is no Chromium at " + CHROMIUM);
        playwright = Playwright.create();
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(CHROMIUM)
                        .setArgs(List.of("--no-sandbox", "--disable-gpu")));
        ReportExamples.cleanup().write(directory.resolve("cleanup"));
        new ReportFixture("scan").write(directory.resolve("empty"));
        ReportFixture clean = new ReportFixture("scan");
        ReportExamples.coverage(clean);
        clean.write(directory.resolve("clean"));
    }

    @AfterAll
    static void close() {
        if (playwright != null) {
            playwright.close();
        }
    }

    @Test
    void the_console_stays_quiet_and_nothing_is_fetched() {
        List<String> said = new ArrayList<>();
        try (BrowserContext context = browser.newContext()) {
            Page page = context.newPage();
            page.onConsoleMessage(message -> said.add(message.text()));
            page.onPageError(said::add);
            page.onRequest(request -> {
                if (!request.url().startsWith("file:")) {
                    said.add(request.url());
                }
            });
            page.navigate(url("cleanup"));

            assertThat(page.locator("h1").innerText()).startsWith("429 references dangled");
            assertThat(page.locator("h1").count()).isEqualTo(1);
        }
        assertThat(said).isEmpty();
    }

    @Test
    void a_phone_scrolls_down_and_never_sideways() {
        for (String report : List.of("cleanup", "empty", "clean")) {
            try (BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                    .setViewportSize(390, 844)
                    .setDeviceScaleFactor(2)
                    .setIsMobile(true))) {
                Page page = context.newPage();
                page.navigate(url(report));
                page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)");

                assertThat((Integer) page.evaluate("document.scrollingElement.scrollWidth"))
                        .as(report)
                        .isLessThanOrEqualTo(390);
            }
        }
    }

    @Test
    void dark_and_light_follow_the_system_and_all_text_can_be_read() {
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            try (BrowserContext context = browser.newContext(new Browser.NewContextOptions().setColorScheme(scheme))) {
                Page page = context.newPage();
                page.navigate(url("cleanup"));

                assertThat((Double)
                                page.evaluate(LUMINANCE + "luminance(getComputedStyle(document.body).backgroundColor)"))
                        .satisfies(light -> assertThat(light > 0.5).isEqualTo(scheme == ColorScheme.LIGHT));
                assertThat((Double) page.evaluate(LUMINANCE + LOWEST_CONTRAST))
                        .as("WCAG AA, %s", scheme)
                        .isGreaterThanOrEqualTo(4.5);
            }
        }
    }

    @Test
    void it_prints() {
        try (BrowserContext context = browser.newContext()) {
            Page page = context.newPage();
            page.navigate(url("cleanup"));
            byte[] pdf = page.pdf(new Page.PdfOptions().setFormat("A4"));

            assertThat(new String(pdf, 0, 5, StandardCharsets.US_ASCII)).isEqualTo("%PDF-");
            assertThat(pdf.length).isGreaterThan(20_000);
        }
    }

    private static String url(String report) {
        return directory.resolve(report).resolve("report.html").toUri().toString();
    }

    private static final String LUMINANCE = """
            const luminance = color => {
              const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map(Number).map(value => {
                const part = value / 255;
                return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
              });
              return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.0;
            };
            """;

    /** Over every element with text of its own, against the nearest background. */
    private static final String LOWEST_CONTRAST = """
            const background = element => {
              for (let at = element; at; at = at.parentElement) {
                const color = getComputedStyle(at).backgroundColor;
                if (color !== 'rgba(0, 0, 0, 0)') return color;
              }
              return 'rgb(255, 255, 255)';
            };
            let lowest = 21.5;
            for (const element of document.body.querySelectorAll('*')) {
              if (element.closest('svg')) continue;
              const text = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
              if (!text) continue;
              const a = luminance(getComputedStyle(element).color), b = luminance(background(element));
              lowest = Math.min(lowest, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
            }
            lowest;
            """;
}
