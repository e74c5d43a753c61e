package org.recursivemas.ui.learn;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.learn.Tour.Step;
import org.recursivemas.ui.Dom;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.xml.Element;
import org.teavm.jso.dom.xml.Node;

/** The formulas of the tour's pages, in MathML, each with a line in words below it. */
final class Formulas {
    private Formulas() {
    }

    static List<HTMLElement> of(Step step) {
        List<HTMLElement> formulas = new ArrayList<>();
        switch (step) {
            case START:
                formulas.add(formula(LearnTexts.HIDDEN_STATE, at("h", "t"), op("="), name("F"), in(at("x", "1"), op(","),
                        op("\u2026"), op(","), at("x", "t")), op("\u2208"), Dom.math("msup", name("\u211d"), name("d"))));
                break;
            case ALONE:
                formulas.add(formula(LearnTexts.NEXT_TOKEN, at("y", "t"), op("="), word("argmax"),
                        in(at("W", "head"), at("h", "t"))));
                break;
            case TEXT:
                formulas.add(formula(LearnTexts.EMBEDDING, next("x", "t"), op("="), name("E"), in(at("y", "t"))));
                break;
            case LATENT:
                formulas.add(formula(LearnTexts.ROLLOUT, next("x", "t"), op("="), at("R", "in"), in(at("h", "t"))));
                formulas.add(formula(LearnTexts.THOUGHTS, name("H"), op("="), in(at("h", "1"), op(","), op("\u2026"),
                        op(","), at("h", "m"))));
                formulas.add(formula(LearnTexts.MESSAGE, at("M", "i\u2192j"), op("="), at("R", "out"), in(at("R", "in"),
                        in(name("H")))));
                formulas.add(formula(LearnTexts.INNER_LINK, at("R", "in"), in(name("h")), op("="), name("h"), op("+"),
                        branch()));
                formulas.add(formula(LearnTexts.OUTER_LINK, at("R", "out"), in(name("h")), op("="), at("W", "3"),
                        name("h"), op("+"), branch()));
                break;
            case DEPTH:
                formulas.add(formula(LearnTexts.FEEDBACK, name("X", "1", "r+1"), op("="), name("E"), in(word("prompt")),
                        op("\u2295"), at("R", "out"), in(at("R", "in"), in(name("H", "N", "r")))));
                break;
            case CUT:
                formulas.add(formula(LearnTexts.ZERO, at("M", "i\u2192j"), op("="), number("0")));
                break;
            default:
                break;
        }
        return formulas;
    }

    /** W2 GELU(W1 h). */
    private static Element branch() {
        return Dom.math("mrow", at("W", "2"), word("GELU"), in(at("W", "1"), name("h")));
    }

    private static HTMLElement formula(String words, Node... parts) {
        Element math = Dom.with(Dom.math("math", Dom.math("mrow", parts)), "display", "block");
        return Dom.element("figure", "formula", math, Dom.text("figcaption", "hint", words));
    }

    private static Element leaf(String tag, String text) {
        Element element = Dom.math(tag);
        element.setTextContent(text);
        return element;
    }

    private static Element name(String text) {
        return leaf("mi", text);
    }

    /** A name with something below and something above. */
    private static Element name(String text, String below, String above) {
        return Dom.math("msubsup", name(text), name(below), Dom.math("mrow", op("("), name(above), op(")")));
    }

    private static Element word(String text) {
        return leaf("mtext", text);
    }

    private static Element number(String text) {
        return leaf("mn", text);
    }

    private static Element op(String text) {
        return leaf("mo", text);
    }

    private static Element at(String text, String below) {
        return Dom.math("msub", name(text), below.length() > 1 ? word(below) : name(below));
    }

    private static Element next(String text, String below) {
        return Dom.math("msub", name(text), Dom.math("mrow", name(below), op("+"), number("1")));
    }

    private static Element in(Node... parts) {
        Element row = Dom.math("mrow", op("("));
        for (Node part : parts) {
            row.appendChild(part);
        }
        row.appendChild(op(")"));
        return row;
    }
}
