package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.htmlunit.html.HtmlCheckBoxInput;
import org.junit.jupiter.api.Test;

/** Sampling, several answers and runs stage by stage, in the page. */
class SeveralAnswersPageTest {
    @Test
    void votesAreCountedAndARunGoesStageByStage() throws IOException {
        try (FakeSiteFolder site = new FakeSiteFolder(); PageInHtmlUnit page = new PageInHtmlUnit(site)) {
            page.button("new-problem").click();
            page.type("answers", "3");
            assertEquals(Texts.BLOCKED_SAME_ANSWERS, page.text("run-blocked"));
            assertTrue(page.button("run").isDisabled());
            page.type("temperature", "0.7");
            page.type("top-p", "1");
            assertEquals("1", page.text("top-p-value"));
            assertFalse(page.button("run").isDisabled());
            assertFalse(page.shown("next-stage"));
            ((HtmlCheckBoxInput) page.element("stepwise")).setChecked(true);
            page.page.executeJavaScript("document.getElementById('stepwise').dispatchEvent(new Event('change'))");
            page.button("run").click();
            page.await(() -> page.shown("next-stage"));
            assertTrue(page.text("status").contains("Latent halted: next, in round 1, Planner"), page.text("status"));
            page.button("next-stage").click();
            page.await(() -> page.text("status").contains("Critic"));
            page.button("run-on").click();
            page.await(() -> !page.button("download").isDisabled());
            assertFalse(page.shown("next-stage"));
            String right = page.text("card-latent-answer");
            String votes = page.element("card-latent-answers").querySelector("summary").getTextContent();
            assertEquals("3 answers: " + right + " \u00d7 2, <b>7</b> \u00d7 1", votes);
            assertEquals(3, page.element("card-latent-answers").querySelectorAll("li").size());
            assertNull(page.page.querySelector("b"));
        }
    }
}
