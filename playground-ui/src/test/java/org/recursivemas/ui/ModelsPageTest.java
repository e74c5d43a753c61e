package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.htmlunit.html.DomNode;
import org.htmlunit.html.HtmlInput;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The section of models: list, form and faults, with a place in memory behind it. */
class ModelsPageTest {
    private static FakeSiteFolder site;

    @BeforeAll
    static void serve() throws IOException {
        site = new FakeSiteFolder();
    }

    @AfterAll
    static void end() {
        site.close();
    }

    private static PageInHtmlUnit open(String... options) throws IOException {
        PageInHtmlUnit page = new PageInHtmlUnit(site, options);
        page.button("tab-models").click();
        return page;
    }

    private static List<String> texts(PageInHtmlUnit page, String selector) {
        return page.page.querySelectorAll(selector).stream().map(DomNode::getTextContent).toList();
    }

    @Test
    void whatAModelTakesIsShownBeforeItIsDownloaded() throws IOException {
        try (PageInHtmlUnit page = open()) {
            assertEquals(List.of("Small <b>team</b>", "Half"), texts(page, ".offer h3"));
            assertNull(page.page.querySelector("b"), "titles are texts");
            assertEquals(List.of("40.1 kB", "6.04 MB (weights 40.0 kB, KV cache 5.00 MB, buffers 1.00 MB)", "not needed",
                    "1000 tokens", "10\u2009000", "hidden states or text", "Apache-2.0"), texts(page, "#offer-0 dd"));
            assertEquals("needed; this GPU does not have it", texts(page, "#offer-1 dd").get(2));
            assertTrue(page.text("offer-1-obstacles").contains("Choose Small <b>team</b> instead"), page.text("offer-1"));
            assertTrue(page.element("offer-1-start").hasAttribute("disabled"), "from a server that is not allowed");
            assertTrue(page.element("offer-1-allow").getAttribute("href")
                    .endsWith("?models=https%3A%2F%2Fmodels.example#models"), page.element("offer-1-allow").getAttribute("href"));
            assertTrue(page.element("offer-1-use").getAttribute("href")
                    .endsWith("?team=half%2Fteam.json&models=https%3A%2F%2Fmodels.example"));
            assertTrue(page.element("offer-0-use").getAttribute("href").endsWith("?team=small%2Fteam.json"));
            assertFalse(page.shown("stored-table"));
        }
    }

    @Test
    void aModelIsDownloadedListedCheckedAndDeleted() throws IOException {
        try (PageInHtmlUnit page = open()) {
            page.button("offer-0-start").click();
            assertEquals("Small <b>team</b> is stored and complete.", page.text("models-said"));
            assertEquals("Check and repair", page.text("offer-0-start"));
            assertTrue(texts(page, "#offer-0 dd").get(0).endsWith("complete"));
            assertEquals(List.of("Small <b>team</b>"), texts(page, "#stored-table tbody .stored__users"));
            assertEquals("complete", texts(page, "#stored-table tbody td").get(2));
            page.button("offer-0-start").click();
            assertEquals("", page.text("offer-0-note"), "nothing was damaged");
            page.page.<org.htmlunit.html.HtmlButton>querySelector("#stored-table button").click();
            assertTrue(page.shown("stored-none"));
            assertEquals("Download", page.text("offer-0-start"));
        }
    }

    @Test
    void aPackageAtAnAddressIsOffered() throws IOException {
        try (PageInHtmlUnit page = open()) {
            page.button("models-find").click();
            assertTrue(page.text("models-address-fault").contains("no address"));
            page.type("models-address", "https://models.example/teams/x/");
            page.button("models-find").click();
            assertTrue(page.text("models-address-fault").contains("models.example"));
            assertTrue(page.element("models-address-allow").getAttribute("href")
                    .endsWith("?models=https%3A%2F%2Fmodels.example%2Fteams%2Fx%2F#models"));
            page.type("models-address", "nowhere/");
            page.button("models-find").click();
            assertTrue(page.text("models-address-fault").contains("HTTP status 404"), page.text("models-address-fault"));
            page.type("models-address", "package/manifest.json");
            page.button("models-find").click();
            assertEquals("", page.text("models-address-fault"));
            assertEquals("Found team", texts(page, ".offer h3").get(0));
            assertEquals("5.16 MB (weights 40.0 kB, KV cache 5.12 MB)", texts(page, ".offer dd").get(1));
            page.page.<org.htmlunit.html.HtmlButton>querySelector(".offer button").click();
            assertTrue(page.text("models-said").contains("HTTP status 404"), page.text("models-said"));
        }
    }

    @Test
    void anAddressInThePagesOwnIsLookedUp() throws IOException {
        String folder = site.url().replace("index.html", "package/");
        try (PageInHtmlUnit page = open("models", folder)) {
            assertEquals("Found team", texts(page, ".offer h3").get(0));
            assertEquals(folder, ((HtmlInput) page.element("models-address")).getValue());
        }
    }

    @Test
    void aFaultyCatalogueIsNamedAndTheRestWorks() throws IOException {
        try (PageInHtmlUnit page = open("catalog", "{\"format\": \"recursivemas.catalog\", \"version\": 3}")) {
            assertTrue(page.text("catalog-fault").contains("catalog.json: version: is 3"), page.text("catalog-fault"));
            page.type("models-address", "package/");
            page.button("models-find").click();
            assertEquals(List.of("Found team"), texts(page, ".offer h3"));
        }
        try (PageInHtmlUnit page = open("catalog", "<html>")) {
            assertTrue(page.text("catalog-fault").contains("is not JSON"), page.text("catalog-fault"));
        }
    }

    @Test
    void aTeamWithoutLinksRunsTextAndSingleOnly() throws IOException {
        try (PageInHtmlUnit page = new PageInHtmlUnit(site, "links", "none")) {
            HtmlInput latent = (HtmlInput) page.element("mode-latent");
            assertTrue(latent.isDisabled() && !latent.isChecked());
            assertTrue(page.text("mode-latent-hint").contains("recursivemas train-link"));
            page.button("new-problem").click();
            page.run();
            assertEquals("Run finished: 2 modes.", page.text("status"));
        }
    }
}
