package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.recursivemas.data.HandOff;
import org.recursivemas.data.Team;
import org.recursivemas.ui.fake.FakePlayground;

class LoopLayoutTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everythingLiesInsideThePictureAndBoxesDoNotOverlap(boolean tall) {
        Team team = FakePlayground.team("x");
        HandOff skip = new HandOff();
        skip.from = "planner";
        skip.to = "solver";
        skip.slot = "hint";
        team.handOffs.add(skip);
        LoopLayout layout = new LoopLayout(team, tall);
        assertEquals(3, layout.nodes.size());
        assertEquals(4, layout.edges.size());
        for (int i = 0; i < 3; i++) {
            LoopLayout.Node node = layout.nodes.get(i);
            assertInside(layout, "M " + node.x + " " + node.y);
            assertInside(layout, "M " + (node.x + node.width) + " " + (node.y + node.height));
            assertInside(layout, node.inner);
            assertInside(layout, node.innerHead);
            assertInside(layout, "M " + node.labelX + " " + node.labelY);
            if (i > 0) {
                LoopLayout.Node before = layout.nodes.get(i - 1);
                assertFalse(tall ? node.y <= before.y + before.height : node.x <= before.x + before.width);
            }
        }
        for (LoopLayout.Edge edge : layout.edges) {
            assertInside(layout, edge.line);
            assertInside(layout, edge.head);
            assertInside(layout, "M " + edge.labelX + " " + edge.labelY);
        }
    }

    @Test
    void aHandOffEndsAtTheBoxOfItsReceiver() {
        LoopLayout layout = new LoopLayout(FakePlayground.team("x"), false);
        LoopLayout.Node critic = layout.nodes.get(1);
        assertTrue(layout.edges.get(0).head.startsWith("M " + critic.x + " " + critic.centerY() + " "));
        LoopLayout.Node planner = layout.nodes.get(0);
        int bottom = planner.y + planner.height;
        assertTrue(layout.edges.get(2).head.startsWith("M " + planner.centerX() + " " + bottom + " "));
    }

    private static void assertInside(LoopLayout layout, String path) {
        Matcher numbers = Pattern.compile("-?\\d+").matcher(path);
        boolean horizontal = true;
        while (numbers.find()) {
            int value = Integer.parseInt(numbers.group());
            assertTrue(value >= 0 && value <= (horizontal ? layout.width : layout.height),
                    path + " in " + layout.width + " x " + layout.height);
            horizontal = !horizontal;
        }
    }
}
