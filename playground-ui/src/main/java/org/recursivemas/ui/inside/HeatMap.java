package org.recursivemas.ui.inside;

import org.recursivemas.data.InsideGrid;
import org.recursivemas.ui.Dom;
import org.teavm.jso.dom.xml.Element;

/**
 * Cosines of every step with every other as a square of squares: the darker, the more alike; another colour for opposite
 * ones. Squares of one shade are one path, so a picture of 65 by 65 has two dozen elements.
 */
final class HeatMap {
    /** Shades on either side of 0. */
    private static final int SHADES = 10;
    private static final int SIDE = 240;
    private static final int MARGIN = 28;

    private HeatMap() {
    }

    static Element picture(InsideGrid grid, String description) {
        int n = grid.rounds * grid.steps;
        double size = (double) SIDE / n;
        int box = SIDE + MARGIN + 2;
        Element svg = Dom.with(Dom.svg("svg", "heat"), "viewBox", "0 0 " + box + " " + box, "role", "img",
                "aria-label", description);
        StringBuilder[] shades = new StringBuilder[2 * SHADES + 1];
        for (int row = 0; row < n; row++) {
            for (int column = 0; column < n; column++) {
                int shade = SHADES + (int) Math.round(grid.cosines[row * n + column] * SHADES);
                if (shades[shade] == null) {
                    shades[shade] = new StringBuilder();
                }
                shades[shade].append('M').append(at(column * size)).append(' ').append(at(row * size))
                        .append('h').append(number(size)).append('v').append(number(size)).append('h')
                        .append(number(-size)).append('z');
            }
        }
        for (int i = 0; i < shades.length; i++) {
            if (shades[i] != null) {
                svg.appendChild(Dom.with(Dom.svg("path", i < SHADES ? "heat__opposite" : "heat__alike"),
                        "d", shades[i].toString(), "fill-opacity", number(Math.abs(i - SHADES) / (double) SHADES)));
            }
        }
        for (int round = 1; round <= grid.rounds; round++) {
            double middle = (round - 0.5) * grid.steps * size;
            String name = InsideTexts.shortRound(round);
            svg.appendChild(label(at(middle), number(MARGIN - 10), name));
            Element beside = label(number(MARGIN - 10), at(middle), name);
            svg.appendChild(Dom.with(beside, "transform", "rotate(-90 " + number(MARGIN - 10) + " " + at(middle) + ")"));
            String edge = at((round - 1) * grid.steps * size);
            if (round > 1) {
                svg.appendChild(Dom.with(Dom.svg("path", "heat__round"), "d", "M" + edge + " " + MARGIN + "v" + SIDE
                        + "M" + MARGIN + " " + edge + "h" + SIDE));
            }
        }
        svg.appendChild(Dom.with(Dom.svg("rect", "heat__frame"), "x", "" + MARGIN, "y", "" + MARGIN, "width", "" + SIDE,
                "height", "" + SIDE));
        return svg;
    }

    private static Element label(String x, String y, String text) {
        Element label = Dom.svg("text", "heat__label");
        label.setTextContent(text);
        return Dom.with(label, "x", x, "y", y, "text-anchor", "middle");
    }

    private static String at(double offset) {
        return number(MARGIN + offset);
    }

    /** Two decimals at most. */
    private static String number(double value) {
        double rounded = Math.round(value * 100) / 100.0;
        return rounded == Math.rint(rounded) ? Integer.toString((int) rounded) : Double.toString(rounded);
    }
}
