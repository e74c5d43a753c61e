package org.recursivemas.ui;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.HandOff;
import org.recursivemas.data.Team;

/**
 * Where agents and hand-offs stand in the picture of the loop, in the picture's own units: agents in a row from left to
 * right (wide) or from top to bottom (tall), feedback around the outside.
 */
final class LoopLayout {
    /** An agent's box with its inner link, an arc from the box back into it. */
    static final class Node {
        String agent;
        int x;
        int y;
        int width;
        int height;
        String inner;
        String innerHead;
        /** Where the inner link's label is centred; inside the box when tall. */
        int labelX;
        int labelY;

        int centerX() {
            return x + width / 2;
        }

        int centerY() {
            return y + height / 2;
        }
    }

    /** A hand-off's line, arrow head and label. */
    static final class Edge {
        HandOff handOff;
        String line;
        String head;
        int labelX;
        int labelY;
        /** {@code "start"} or {@code "middle"}. */
        String anchor = "middle";
        /** Whether the label reads from bottom to top. */
        boolean upright;
    }

    private static final int WIDE_BOX = 156;
    private static final int WIDE_GAP = 104;
    private static final int WIDE_TOP = 66;
    private static final int WIDE_HEIGHT = 68;
    private static final int TALL_BOX = 196;
    private static final int TALL_GAP = 54;
    private static final int TALL_LEFT = 48;
    private static final int TALL_HEIGHT = 84;
    private static final int MARGIN = 20;
    private static final int LANE = 42;

    final List<Node> nodes = new ArrayList<>();
    final List<Edge> edges = new ArrayList<>();
    final boolean tall;
    int width;
    int height;

    LoopLayout(Team team, boolean tall) {
        this.tall = tall;
        Map<String, Node> byAgent = new LinkedHashMap<>();
        int skips = 0;
        int feedbacks = 0;
        Map<String, Integer> places = new LinkedHashMap<>();
        for (AgentSpec agent : team.agents) {
            places.put(agent.id, places.size());
        }
        for (HandOff handOff : team.handOffs) {
            if (handOff.feedback) {
                feedbacks++;
            } else if (!isNext(places, handOff)) {
                skips++;
            }
        }
        // Lanes of hand-offs that pass over agents lie before the boxes, those of feedback behind them.
        int before = skips * LANE;
        for (AgentSpec agent : team.agents) {
            Node node = new Node();
            node.agent = agent.id;
            int place = places.get(agent.id);
            if (tall) {
                place(node, TALL_LEFT + before, MARGIN + place * (TALL_HEIGHT + TALL_GAP), TALL_BOX, TALL_HEIGHT);
            } else {
                place(node, MARGIN + place * (WIDE_BOX + WIDE_GAP), WIDE_TOP + before, WIDE_BOX, WIDE_HEIGHT);
            }
            nodes.add(node);
            byAgent.put(agent.id, node);
        }
        int count = nodes.size();
        if (tall) {
            width = TALL_LEFT + before + TALL_BOX + MARGIN + feedbacks * LANE + (feedbacks > 0 ? MARGIN : 0);
            height = 2 * MARGIN + count * TALL_HEIGHT + (count - 1) * TALL_GAP;
        } else {
            width = 2 * MARGIN + count * WIDE_BOX + (count - 1) * WIDE_GAP;
            height = WIDE_TOP + before + WIDE_HEIGHT + MARGIN + feedbacks * LANE + (feedbacks > 0 ? MARGIN : 0);
        }
        int skip = 0;
        int feedback = 0;
        for (HandOff handOff : team.handOffs) {
            Node from = byAgent.get(handOff.from);
            Node to = byAgent.get(handOff.to);
            Edge edge = new Edge();
            edge.handOff = handOff;
            if (handOff.feedback) {
                feedback++;
                around(edge, from, to, feedback * LANE, true);
            } else if (isNext(places, handOff)) {
                straight(edge, from, to);
            } else {
                skip++;
                around(edge, from, to, (tall ? MARGIN + 10 : WIDE_TOP - LANE) + skip * LANE, false);
            }
            edges.add(edge);
        }
    }

    private static boolean isNext(Map<String, Integer> places, HandOff handOff) {
        return places.get(handOff.to) - places.get(handOff.from) == 1;
    }

    private void place(Node node, int x, int y, int boxWidth, int boxHeight) {
        node.x = x;
        node.y = y;
        node.width = boxWidth;
        node.height = boxHeight;
        if (tall) {
            int top = y + boxHeight / 3;
            int bottom = y + boxHeight * 2 / 3;
            node.inner = "M " + x + " " + top + " C " + (x - 34) + " " + (top - 20) + " " + (x - 34) + " "
                    + (bottom + 20) + " " + (x - 6) + " " + (bottom + 2);
            node.innerHead = head(x, bottom, 1, 0);
            node.labelX = node.centerX();
            node.labelY = y + boxHeight - 14;
        } else {
            int left = x + boxWidth * 2 / 5;
            int right = x + boxWidth * 3 / 5;
            node.inner = "M " + left + " " + y + " C " + (left - 22) + " " + (y - 36) + " " + (right + 22) + " "
                    + (y - 36) + " " + (right + 2) + " " + (y - 6);
            node.innerHead = head(right, y, 0, 1);
            node.labelX = node.centerX();
            node.labelY = y - 36;
        }
    }

    private void straight(Edge edge, Node from, Node to) {
        if (tall) {
            int x = from.centerX();
            edge.line = "M " + x + " " + (from.y + from.height) + " L " + x + " " + (to.y - 8);
            edge.head = head(x, to.y, 0, 1);
            edge.labelX = x + 12;
            edge.labelY = (from.y + from.height + to.y) / 2 + 4;
            edge.anchor = "start";
        } else {
            int y = from.centerY();
            edge.line = "M " + (from.x + from.width) + " " + y + " L " + (to.x - 8) + " " + y;
            edge.head = head(to.x, y, 1, 0);
            edge.labelX = (from.x + from.width + to.x) / 2;
            edge.labelY = y - 10;
        }
    }

    /** A line that leaves the box sideways, runs in a lane of its own and comes back in. */
    private void around(Edge edge, Node from, Node to, int distance, boolean behind) {
        int sign = behind ? 1 : -1;
        int round = 14;
        if (tall) {
            int x0 = behind ? from.x + from.width : from.x;
            int lane = x0 + sign * distance;
            int y0 = from.centerY();
            int y1 = to.centerY();
            int turn = y1 < y0 ? -round : round;
            edge.line = "M " + x0 + " " + y0 + " L " + (lane - sign * round) + " " + y0 + " Q " + lane + " " + y0
                    + " " + lane + " " + (y0 + turn) + " L " + lane + " " + (y1 - turn) + " Q " + lane + " " + y1 + " "
                    + (lane - sign * round) + " " + y1 + " L " + (x0 + sign * 8) + " " + y1;
            edge.head = head(x0, y1, -sign, 0);
            edge.labelX = lane + (behind ? 16 : -8);
            edge.labelY = (y0 + y1) / 2;
            edge.upright = true;
        } else {
            int y0 = behind ? from.y + from.height : from.y;
            int lane = y0 + sign * distance;
            int x0 = from.centerX();
            int x1 = to.centerX();
            int turn = x1 < x0 ? -round : round;
            edge.line = "M " + x0 + " " + y0 + " L " + x0 + " " + (lane - sign * round) + " Q " + x0 + " " + lane + " "
                    + (x0 + turn) + " " + lane + " L " + (x1 - turn) + " " + lane + " Q " + x1 + " " + lane + " " + x1
                    + " " + (lane - sign * round) + " L " + x1 + " " + (y0 + sign * 8);
            edge.head = head(x1, y0, 0, -sign);
            edge.labelX = (x0 + x1) / 2;
            edge.labelY = lane + (behind ? 18 : -8);
        }
    }

    /** A triangle whose tip is at (x, y) and that points along (dx, dy), one of the four directions. */
    private static String head(int x, int y, int dx, int dy) {
        int backX = x - dx * 10;
        int backY = y - dy * 10;
        return "M " + x + " " + y + " L " + (backX - dy * 5) + " " + (backY - dx * 5) + " L " + (backX + dy * 5) + " "
                + (backY + dx * 5) + " Z";
    }
}
