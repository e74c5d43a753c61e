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
import org.htmlunit.html.HtmlSelect;
import org.htmlunit.html.HtmlTextArea;
import org.junit.jupiter.api.Test;
import org.recursivemas.ui.team.TeamDraft;

/** The team's section: form, file, faults. */
class TeamPageTest {
    private static List<String> texts(PageInHtmlUnit page, String selector) {
        return page.page.querySelectorAll(selector).stream().map(DomNode::getTextContent).toList();
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
            String file = ((HtmlTextArea) page.element("team-file")).getText();
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
