package org.orphancleanup.report;

import java.io.Writer;
import java.util.Locale;
import java.util.Map;
import org.thymeleaf.context.Context;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.templatemode.TemplateMode;
import org.thymeleaf.templateresolver.ClassLoaderTemplateResolver;

/** report.html: one file that needs no other, no script and no network. */
final class ReportPage {

    private final SpringTemplateEngine engine = new SpringTemplateEngine();

    ReportPage() {
        ClassLoaderTemplateResolver resolver = new ClassLoaderTemplateResolver(ReportPage.class.getClassLoader());
        resolver.setPrefix("org/orphancleanup/report/");
        resolver.setSuffix(".html");
        resolver.setTemplateMode(TemplateMode.HTML);
        resolver.setCharacterEncoding("UTF-8");
        engine.setTemplateResolver(resolver);
    }

    void write(Report report, Writer out) {
        engine.process("report", new Context(Locale.ENGLISH, Map.of("page", new PageModel(report))), out);
    }

    /** Of this program, from the jar's manifest. */
    static String version() {
        String version = ReportPage.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
