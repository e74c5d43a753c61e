package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** The page's texts and their translations. */
class LanguageTest {
    private static final Path SOURCES = Path.of("src", "main", "java");
    private static final Path LANGUAGES = Path.of("..", "static", "src", "lang");
    private static final Pattern PLACE = Pattern.compile("\\{\\d}");
    /** Ids of elements, which are no texts: words joined by hyphens. */
    private static final Pattern ID = Pattern.compile("[a-z]+(-[a-z]+)+");

    /** What is in the sources: keys of {@link Words#of}, and literals of the classes of texts outside of it. */
    private static final class Texts extends TreeScanner<Void, Void> {
        final Set<String> keys = new LinkedHashSet<>();
        final List<String> faults = new ArrayList<>();
        private final boolean onlyTexts;

        Texts(boolean onlyTexts) {
            this.onlyTexts = onlyTexts;
        }

        @Override
        public Void visitMethodInvocation(MethodInvocationTree call, Void nothing) {
            String method = call.getMethodSelect().toString();
            List<? extends ExpressionTree> values = call.getArguments();
            if (method.equals("Words.of")) {
                if (values.get(0) instanceof LiteralTree literal) {
                    keys.add((String) literal.getValue());
                } else {
                    faults.add("not a literal: " + values.get(0));
                }
                values.subList(1, values.size()).forEach(value -> scan(value, null));
                return null;
            }
            if (method.equals("topic")) {   // an id, two texts, ids
                scan(values.get(1), null);
                scan(values.get(2), null);
                return null;
            }
            return method.matches(".*\\.(equals|get|contains|startsWith|endsWith|matches)") ? null
                    : super.visitMethodInvocation(call, null);
        }

        @Override
        public Void visitNewClass(NewClassTree made, Void nothing) {
            return made.getIdentifier().toString().endsWith("Exception") ? null : super.visitNewClass(made, null);
        }

        @Override
        public Void visitCase(com.sun.source.tree.CaseTree branch, Void nothing) {
            scan(branch.getStatements(), null);
            return scan((Tree) branch.getBody(), null);
        }

        @Override
        public Void visitLiteral(LiteralTree literal, Void nothing) {
            if (onlyTexts && literal.getValue() instanceof String text && text.matches("(?s).*\\p{L}.*")
                    && !ID.matcher(text).matches()) {
                faults.add("not said by Words.of: \"" + text + "\"");
            }
            return null;
        }
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
        }
    }

    private static Texts texts() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Texts all = new Texts(false);
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            for (Path source : sources()) {
                boolean onlyTexts = source.getFileName().toString().endsWith("Texts.java");
                Texts here = new Texts(onlyTexts);
                JavacTask task = (JavacTask) compiler.getTask(null, files, null, null, null, files.getJavaFileObjects(source));
                for (CompilationUnitTree unit : task.parse()) {
                    here.scan(unit, null);
                }
                all.keys.addAll(here.keys);
                here.faults.forEach(fault -> all.faults.add(source.getFileName() + ": " + fault));
            }
        }
        return all;
    }

    private static Set<String> places(String text) {
        Set<String> places = new TreeSet<>();
        Matcher matcher = PLACE.matcher(text);
        while (matcher.find()) {
            places.add(matcher.group());
        }
        return places;
    }

    @Test
    void everyTextIsSaidByWords() throws IOException {
        Texts texts = texts();
        assertEquals(List.of(), texts.faults);
        assertTrue(texts.keys.size() > 500, texts.keys.size() + " texts");
    }

    @Test
    void everyTextIsTranslatedAndNoneIsLeftOver() throws IOException {
        Set<String> keys = texts().keys;
        for (String tag : Language.NAMES.keySet()) {
            if (tag.equals("en")) {
                continue;
            }
            JsonNode language = new ObjectMapper().readTree(LANGUAGES.resolve(tag + ".json").toFile());
            Set<String> translated = new LinkedHashSet<>();
            language.fieldNames().forEachRemaining(translated::add);
            Set<String> missing = new LinkedHashSet<>(keys);
            missing.removeAll(translated);
            Set<String> stale = new LinkedHashSet<>(translated);
            stale.removeAll(keys);
            assertEquals(Set.of(), missing, tag + ": not translated");
            assertEquals(Set.of(), stale, tag + ": no longer said");
            for (String key : keys) {
                String text = language.get(key).asText();
                assertFalse(text.isBlank(), tag + ": " + key);
                assertEquals(places(key), places(text), tag + ": " + key);
                assertEquals(key.startsWith(" "), text.startsWith(" "), tag + ": space before " + key);
                assertEquals(key.endsWith(" "), text.endsWith(" "), tag + ": space after " + key);
            }
        }
        try (Stream<Path> files = Files.list(LANGUAGES)) {
            assertEquals(Language.NAMES.size() - 1, files.count(), "a file for each language but English");
        }
    }

    @Test
    void valuesTakeTheirPlaces() {
        assertEquals("2 of 3, {slot} and {2}", Words.of("{0} of {1}, {slot} and {2}", 2, 3));
        assertEquals("{x}", Words.of("{{0}}", "x"));
        assertEquals("{0} is not filled again", Words.of("{0} is not filled again", "{0}"));
        assertEquals("{0", Words.of("{0", 1));
    }

    @Test
    void theAddressTheChoiceAndTheBrowserDecideInThisOrder() {
        assertEquals("de", Language.choice("de", "en", new String[] {"en"}));
        assertEquals("en", Language.choice("xx", "en", new String[] {"de"}));
        assertEquals("de", Language.choice(null, null, new String[] {"fr", "de-AT", "en"}));
        assertEquals("en", Language.choice(null, null, new String[] {"fr"}));
    }

    @Test
    void aPageInGermanSpeaksGerman() throws IOException {
        JsonNode german = new ObjectMapper().readTree(LANGUAGES.resolve("de.json").toFile());
        try (FakeSiteFolder site = new FakeSiteFolder();
                PageInHtmlUnit page = new PageInHtmlUnit(site, "lang", "de")) {
            assertEquals("de", page.page.getDocumentElement().getAttribute("lang"));
            assertEquals(german.get("Problem").asText(), page.text("problem-title").strip());
            assertEquals(german.get("Run").asText(), page.text("run").strip());
            assertEquals(german.get("Learn").asText(), page.text("tab-learn").strip());
        }
        try (FakeSiteFolder site = new FakeSiteFolder(); PageInHtmlUnit page = new PageInHtmlUnit(site)) {
            assertEquals("en", page.page.getDocumentElement().getAttribute("lang"));
            assertEquals("Run", page.text("run").strip());
        }
    }
}
