package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.AxeResults;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;

/** What axe-core finds on a page. */
final class Axe {
    private Axe() {
    }

    /** Findings that hinder a person: those of the impacts serious and critical. */
    static List<String> findings(Page page, String state) {
        AxeResults results = new AxeBuilder(page).analyze();
        assertTrue(results.getPasses().size() > 10, "axe-core passed " + results.getPasses().size() + " rules in " + state);
        List<String> found = new ArrayList<>();
        for (Rule rule : results.getViolations()) {
            if (List.of("serious", "critical").contains(rule.getImpact())) {
                rule.getNodes().forEach(node -> found.add(state + ": " + rule.getId() + ": " + node.getHtml()));
            }
        }
        return found;
    }
}
