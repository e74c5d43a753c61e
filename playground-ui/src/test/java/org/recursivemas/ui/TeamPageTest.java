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
    void anAgentCanRunAModelFromElsewhere() throws IOException {
        try (FakeSiteFolder site = new FakeSiteFolder(); PageInHtmlUnit page = new PageInHtmlUnit(site)) {
            page.button("tab-team-edit").click();
            HtmlSelect model = (HtmlSelect) page.element("team-agent-1-model");
            assertEquals(List.of("agents/planner", "agents/critic", "Small <b>team</b>", "Half"),
                    model.getOptions().stream().map(DomNode::getTextContent).toList());
            model.setSelectedAttribute(model.getOptionByText("Half"), true);
            assertTrue(page.text("team-agent-1-model-fault").contains("come from models.example"));
            assertTrue(page.element("team-agent-1-model-allow").getAttribute("href")
                    .endsWith("?models=https%3A%2F%2Fmodels.example#team-edit"));
            assertFalse(file(page).contains("models.example"), "nothing was taken");
            model.setSelectedAttribute(model.getOptionByText("Small <b>team</b>"), true);
            assertTrue(page.text("team-said").contains("critic runs http"), page.text("team-said"));
            for (String part : List.of("/m/resolve/1/\"", "/m.wasm\"", "\"hidden_size\": 100", "\"context_window\": 1000",
                    "\"system\": \"<s>{system}</s>\"", "\"user\": \"<u>:{user}</u>\"", "\"generation\": \"<a>:\"")) {
                assertTrue(file(page).contains(part), part + " in " + file(page));
            }
            assertTrue(page.text("team-latent").contains("the models have the widths 256 and 100"), page.text("team-latent"));

            page.type("team-agent-0-model-address", "nowhere/");
            page.button("team-agent-0-model-find").click();
            assertTrue(page.text("team-agent-0-model-fault").contains("no package at this address"));
            page.type("team-agent-0-model-library", "n.wasm");
            page.button("team-agent-0-model-find").click();
            assertTrue(page.text("team-agent-0-model-fault").contains("nowhere/mlc-chat-config.json"));
            page.type("team-agent-0-model-library", "");
            page.type("team-agent-0-model-address", "package/");
            page.button("team-agent-0-model-find").click();
            assertTrue(file(page).contains("/package/m/\"") && file(page).contains("/package/m.wasm\""), file(page));
            page.type("team-agent-1-model-address", "package/m");
            page.type("team-agent-1-model-library", "other.wasm");
            page.button("team-agent-1-model-find").click();
            assertTrue(file(page).contains("/other.wasm\"") && file(page).contains("\"context_window\": 900"), file(page));
            page.type("team-agent-1-model-address", " ");
            page.button("team-agent-1-model-find").click();
            assertTrue(page.text("team-agent-1-model-fault").contains("no address of a model"));
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
