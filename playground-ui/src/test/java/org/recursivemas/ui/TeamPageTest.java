package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.htmlunit.html.DomNode;
import org.htmlunit.html.HtmlButton;
import org.htmlunit.html.HtmlInput;
import org.htmlunit.html.HtmlSelect;
import org.htmlunit.html.HtmlTextArea;
import org.junit.jupiter.api.Test;
import org.recursivemas.ui.team.TeamDraft;

/** The team's section: form, file, faults. */
class TeamPageTest {
    private static List<String> texts(PageInHtmlUnit page, String selector) {
        return page.page.querySelectorAll(selector).stream().map(DomNode::getTextContent).toList();
    }

    private static String file(PageInHtmlUnit page) {
        return ((HtmlTextArea) page.element("team-file")).getText();
    }

    @Test
    void agentsAndHandOffsAreChangedAndUsed() throws IOException {
        try (FakeSiteFolder site = new FakeSiteFolder(); PageInHtmlUnit page = new PageInHtmlUnit(site)) {
            page.button("tab-team-edit").click();
            assertEquals(List.of("planner", "critic"), texts(page, "#team-agents strong"));
            assertTrue(page.button("team-agent-0-up").isDisabled());
            page.button("team-use").click();
            assertTrue(page.text("team-fault").contains("Copy the critic"), page.text("team-fault"));
            page.button("team-agent-1-copy").click();
            assertEquals("", page.text("team-fault"));
            assertEquals(List.of("planner", "critic", "critic2"), texts(page, "#team-agents strong"));
            page.button("team-agent-2-up").click();
            assertEquals(List.of("planner", "critic2", "critic"), texts(page, "#team-agents strong"));
            HtmlSelect model = (HtmlSelect) page.element("team-agent-1-model");
            model.setSelectedAttribute(model.getOptionByText("agents/planner"), true);
            page.type("team-agent-1-user", "Look at {plan}.");
            ((HtmlSelect) page.element("team-from")).setSelectedIndex(0);
            ((HtmlSelect) page.element("team-to")).setSelectedIndex(1);
            page.type("team-slot", "plan");
            page.button("team-add").click();
            page.button("team-hand-off-0-remove").click();
            assertEquals(List.of("planner \u2192 critic2 as {plan}"), texts(page, "#team-hand-offs span"));
            String file = file(page);
            assertTrue(file.contains("\"user\": \"Look at {plan}.\"") && file.contains("\"hidden_size\": 256"), file);
            page.button("team-use").click();
            assertEquals("", page.text("team-fault"));
            assertTrue(page.text("team-said").contains("has this team now"));
            assertNull(page.page.querySelector("b"));
        }
    }

    @Test
    void aFileThatIsNoTeamIsRefusedAndTheDraftStays() throws IOException {
        try (FakeSiteFolder site = new FakeSiteFolder(); PageInHtmlUnit page = new PageInHtmlUnit(site)) {
            page.button("tab-team-edit").click();
            for (String broken : List.of("{", "[]", "{\"agents\": []}", "{\"agents\": [1], \"hand_offs\": []}")) {
                page.type("team-file", broken);
                page.button("team-read").click();
                assertFalse(page.text("team-fault").isEmpty(), broken);
                assertEquals(2, texts(page, "#team-agents strong").size());
            }
            page.button("team-agent-0-remove").click();
            assertEquals(List.of(), texts(page, "#team-hand-offs span"), "an agent goes with its hand-offs");
            page.button("team-reset").click();
            assertEquals(List.of("planner", "critic"), texts(page, "#team-agents strong"));
        }
    }

    @Test
    void aMissingLinkIsNamedBeforeAnythingRuns() throws IOException {
        try (FakeSiteFolder site = new FakeSiteFolder(); PageInHtmlUnit page = new PageInHtmlUnit(site, "linkGap", "1")) {
            page.await(() -> page.text("mode-latent-hint").contains("there is no outer link critic \u2192 solver"));
            assertTrue(page.text("mode-latent-hint").contains("train-link"));
            assertTrue(((HtmlInput) page.element("mode-latent")).isDisabled());
            assertTrue(page.text("compare-left-out").startsWith("The latent way is left out. Team demo cannot"));
            page.page.executeJavaScript("let steps = document.getElementById('latent-steps'); steps.value = '0';"
                    + "steps.dispatchEvent(new Event('input'))");
            assertFalse(((HtmlInput) page.element("mode-latent")).isDisabled(), "0 steps need no links");
            page.button("tab-learn").click();
            page.page.querySelectorAll(".tour__page").get(3).<HtmlButton>getFirstByXPath(".").click();
            assertTrue(page.text("tour-lacking").contains("there is no outer link critic \u2192 solver"),
                    page.text("tour-lacking"));
            assertTrue(page.button("tour-run").isDisabled() && page.button("tour-open").isDisplayed());
            page.page.querySelectorAll(".tour__page").get(1).<HtmlButton>getFirstByXPath(".").click();
            assertFalse(page.button("tour-run").isDisabled(), "the page of the single agent needs no links");
            page.button("tab-team-edit").click();
            assertTrue(page.text("team-latent").startsWith("All hand-offs have their links"), page.text("team-latent"));
            ((HtmlSelect) page.element("team-from")).setSelectedIndex(1);
            ((HtmlSelect) page.element("team-to")).setSelectedIndex(0);
            page.type("team-slot", "said");
            page.button("team-add").click();
            assertTrue(page.text("team-latent").contains("there is no outer link critic \u2192 planner"), page.text("team-latent"));
            HtmlSelect model = (HtmlSelect) page.element("team-agent-1-model");
            model.setSelectedAttribute(model.getOptionByText("agents/planner"), true);
            assertTrue(page.text("team-latent").contains("the inner link of critic maps width 320 to 320, but the models"
                    + " have width 256"), page.text("team-latent"));
        }
    }

    @Test
    void anAgentHasLatentStepsOfItsOwn() throws IOException {
        try (FakeSiteFolder site = new FakeSiteFolder(); PageInHtmlUnit page = new PageInHtmlUnit(site)) {
            page.button("tab-team-edit").click();
            page.type("team-agent-0-steps", "8");
            assertTrue(file(page).contains("\"latent_steps\": 8"), file(page));
            page.type("team-agent-0-steps", "81");
            assertTrue(page.text("team-agent-0-steps-hint").contains("0 to 80"));
            page.type("team-agent-0-steps", "many");
            assertTrue(file(page).contains("\"latent_steps\": \"many\""), "left for the reader to refuse");
            page.type("team-agent-0-steps", "");
            assertFalse(file(page).contains("latent_steps"));
        }
    }

    @Test
    void unknownFieldsStayAndEmptyPromptsLeave() {
        TeamDraft draft = new TeamDraft(Map.of("links", "l.json", "agents", List.of(Map.of("id", "a", "user_alone", "x",
                "temper", 3.0)), "hand_offs", List.of()));
        draft.setAgent(0, "user_alone", "");
        draft.setAgent(0, "user", "");
        draft.copyAgent(0);
        assertEquals(List.of(Map.of("id", "a", "user", "", "temper", 3.0),
                Map.of("id", "a2", "user", "", "temper", 3.0, "title", " 2")), draft.tree().get("agents"));
        assertEquals("l.json", draft.tree().get("links"));
        assertThrows(IllegalArgumentException.class, () -> new TeamDraft(Map.of("agents", "x")));
    }
}
