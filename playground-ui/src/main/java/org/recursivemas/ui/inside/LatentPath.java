package org.recursivemas.ui.inside;

import java.util.List;
import org.recursivemas.data.InsideBlock;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.Numbers;
import org.teavm.jso.dom.xml.Element;

/** The projected path of one agent's hidden states, a line for each round. */
final class LatentPath {
    private static final double WIDTH = 320;
    private static final double HEIGHT = 220;
    private static final double MARGIN = 14;

    private LatentPath() {
    }

    /** @param rounds the blocks of one agent, in the order of their rounds; at least one */
    static Element picture(List<InsideBlock> rounds, String description) {
        double[] box = {Double.MAX_VALUE, -Double.MAX_VALUE, Double.MAX_VALUE, -Double.MAX_VALUE};
        for (InsideBlock block : rounds) {
            for (int i = 0; i < block.pathX.length; i++) {
                box[0] = Math.min(box[0], block.pathX[i]);
                box[1] = Math.max(box[1], block.pathX[i]);
                box[2] = Math.min(box[2], block.pathY[i]);
                box[3] = Math.max(box[3], block.pathY[i]);
            }
        }
        Element svg = Dom.with(Dom.svg("svg", "path"), "viewBox", "0 0 " + Numbers.plain(WIDTH, 0) + " "
                + Numbers.plain(HEIGHT, 0), "role", "img", "aria-label", description);
        for (InsideBlock block : rounds) {
            StringBuilder points = new StringBuilder();
            for (int i = 0; i < block.pathX.length; i++) {
                points.append(i == 0 ? "" : " ").append(x(block, i, box)).append(',').append(y(block, i, box));
            }
            String round = " path__round--" + block.round;
            svg.appendChild(Dom.with(Dom.svg("polyline", "path__line" + round), "points", points.toString()));
            for (int i = 0; i < block.pathX.length; i++) {
                svg.appendChild(Dom.with(Dom.svg("circle", (i == 0 ? "path__start" : "path__step") + round),
                        "cx", x(block, i, box), "cy", y(block, i, box), "r", i == 0 ? "5" : "2"));
            }
        }
        return svg;
    }

    private static String x(InsideBlock block, int i, double[] box) {
        return place(block.pathX[i], box[0], box[1], WIDTH);
    }

    private static String y(InsideBlock block, int i, double[] box) {
        return place(-block.pathY[i], -box[3], -box[2], HEIGHT);
    }

    private static String place(double value, double low, double high, double size) {
        double part = high > low ? (value - low) / (high - low) : 0.5;
        return Numbers.plain(MARGIN + part * (size - 2 * MARGIN), 1);
    }
}
