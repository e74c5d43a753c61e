package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.htmlunit.html.HtmlRadioButtonInput;
import org.htmlunit.html.HtmlSelect;
import org.junit.jupiter.api.Test;

/** The choice of where a search looks, and what the tools answered. */
class SearchPageTest {
    private static HtmlRadioButtonInput radio(PageInHtmlUnit page, String id) {
        return (HtmlRadioButtonInput) page.element(id);
    }

    private static String withoutSettings(PageInHtmlUnit page) {
        return page.element("search-reload").getAttribute("href").split("#")[0];
    }

    @Test
    void aWikiThatTheAddressDoesNotNameIsOfferedByALink() throws IOException {
        try (FakeSiteFolder site = new FakeSiteFolder(); PageInHtmlUnit page = new PageInHtmlUnit(site, "tools", "1")) {
            assertTrue(radio(page, "search-corpus").isChecked() && radio(page, "search-web").isDisabled());
            assertEquals("?tools=1&search=wikipedia", withoutSettings(page));
            HtmlSelect edition = (HtmlSelect) page.element("search-edition");
            edition.setSelectedAttribute(edition.getOptionByValue("wikipedia-de"), true);
            assertEquals("?tools=1&search=wikipedia-de", withoutSettings(page));
            assertTrue(page.text("search-statement").contains("sent to de.wikipedia.org"), page.text("search-statement"));
            edition.setSelectedAttribute(edition.getOptionByValue("other"), true);
            page.type("search-address", "wiki.example");
            assertTrue(page.text("search-wrong").contains("api.php"), page.text("search-wrong"));
            assertFalse(page.shown("search-reload"));
            page.type("search-address", "https://wiki.example:8443");
            assertEquals("", page.text("search-wrong"));
            assertEquals("?tools=1&search=https%3A%2F%2Fwiki.example%3A8443%2Fw%2Fapi.php", withoutSettings(page));
            page.run();
            assertTrue(page.text("card-single-calls").contains("search: <b>pens</b> (asked: corpus.json)"),
                    page.text("card-single-calls"));
            assertNull(page.page.querySelector("b"), "what an agent writes is text");
        }
    }

    @Test
    void aWikiIsAskedOnlyWhenAPersonChoosesIt() throws IOException {
        try (FakeSiteFolder site = new FakeSiteFolder();
                PageInHtmlUnit page = new PageInHtmlUnit(site, "tools", "1", "search", "wikipedia-fr")) {
            assertTrue(radio(page, "search-corpus").isChecked(), "the address alone chooses nothing");
            assertFalse(page.shown("search-reload"));
            page.run();
            assertTrue(page.text("card-latent-calls").contains("corpus.json"), page.text("card-latent-calls"));
            page.page.executeJavaScript("location.hash = 'share=1&rounds=2&steps=4&temperature=0&seed=5&ways=latent&problem=x"
                    + "&stop_early=0.995&search=https://de.wikipedia.org/w/api.php'");
            page.await(() -> page.text("search-suggestion").contains("asked de.wikipedia.org"));
            assertTrue(radio(page, "search-corpus").isChecked() && radio(page, "search-web").isDisabled(),
                    "neither does a link of somebody");
            assertEquals("0.995", page.text("alike-from-value"));
            String reload = page.element("search-reload").getAttribute("href");
            assertTrue(reload.startsWith("?tools=1&search=wikipedia-de#share=1&rounds=2&steps=4&") && reload.contains("&problem=x")
                    && reload.contains("&stop_early=0.995"), reload);
            ((HtmlSelect) page.element("search-edition")).setSelectedAttribute("wikipedia-fr", true);
            radio(page, "search-web").click();
            assertEquals("The runs that were taken over asked de.wikipedia.org. Here it is asked only when you choose it.",
                    page.text("search-suggestion"));
            page.run();
            assertTrue(page.text("card-latent-calls").contains("asked: https://fr.wikipedia.org/w/api.php"),
                    page.text("card-latent-calls"));
            assertTrue(page.text("card-latent").contains("The tool search had no answer"), page.text("card-latent"));
            HtmlSelect edition = (HtmlSelect) page.element("search-edition");
            edition.setSelectedAttribute(edition.getOptionByValue("wikipedia-de"), true);
            assertTrue(radio(page, "search-corpus").isChecked(), "another wiki has to be allowed first");
        }
    }

    @Test
    void aTeamWithoutSearchHasNoChoice() throws IOException {
        try (FakeSiteFolder site = new FakeSiteFolder(); PageInHtmlUnit page = new PageInHtmlUnit(site)) {
            assertFalse(page.shown("search"));
        }
    }
}
