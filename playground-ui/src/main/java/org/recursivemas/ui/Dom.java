package org.recursivemas.ui;

import org.teavm.jso.dom.events.Event;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLDocument;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLInputElement;
import org.teavm.jso.dom.xml.Element;
import org.teavm.jso.dom.xml.Node;

/**
 * Building and updating of elements. Texts always become text nodes, never markup; what does not change is not touched,
 * so that the caret, the selection and what a screen reader said stay.
 */
public final class Dom {
    private static final String MATH = "http://www.w3.org/1998/Math/MathML";
    private static final String SVG = "http://www.w3.org/2000/svg";

    private Dom() {
    }

    public static HTMLElement element(String tag, String classes, Node... children) {
        HTMLElement element = HTMLDocument.current().createElement(tag);
        if (!classes.isEmpty()) {
            element.setClassName(classes);
        }
        for (Node child : children) {
            element.appendChild(child);
        }
        return element;
    }

    public static HTMLElement text(String tag, String classes, String text) {
        HTMLElement element = element(tag, classes);
        element.setTextContent(text);
        return element;
    }

    public static HTMLElement withId(HTMLElement element, String id) {
        element.setId(id);
        return element;
    }

    public static HTMLButtonElement button(String classes, String label, Runnable action) {
        HTMLButtonElement button = (HTMLButtonElement) text("button", classes, label);
        button.setType(HTMLButtonElement.TYPE_BUTTON);
        listen(button, "click", action);
        return button;
    }

    public static HTMLInputElement input(String type, String id) {
        HTMLInputElement input = (HTMLInputElement) element("input", "");
        input.setType(type);
        input.setId(id);
        return input;
    }

    public static HTMLElement label(String text, String forId) {
        HTMLElement label = text("label", "", text);
        label.setAttribute("for", forId);
        return label;
    }

    /** A part of the page with a heading that names it. */
    public static HTMLElement section(String id, String title, Node... children) {
        HTMLElement heading = withId(text("h2", "", title), id + "-title");
        HTMLElement section = withId(element("section", "panel " + id, heading), id);
        section.setAttribute("aria-labelledby", id + "-title");
        for (Node child : children) {
            section.appendChild(child);
        }
        return section;
    }

    public static void listen(HTMLElement element, String event, Runnable action) {
        element.addEventListener(event, (Event e) -> action.run());
    }

    public static Element svg(String tag, String classes, Node... children) {
        Element element = HTMLDocument.current().createElementNS(SVG, tag);
        if (!classes.isEmpty()) {
            element.setAttribute("class", classes);
        }
        for (Node child : children) {
            element.appendChild(child);
        }
        return element;
    }

    /** An element of MathML. */
    public static Element math(String tag, Node... children) {
        Element element = HTMLDocument.current().createElementNS(MATH, tag);
        for (Node child : children) {
            element.appendChild(child);
        }
        return element;
    }

    /** Sets attributes given as name, value, name, value, ... */
    public static Element with(Element element, String... namesAndValues) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            element.setAttribute(namesAndValues[i], namesAndValues[i + 1]);
        }
        return element;
    }

    public static void setText(Node node, String text) {
        if (!text.equals(node.getTextContent())) {
            node.setTextContent(text);
        }
    }

    /** Sets an attribute, or removes it when the value is null. */
    public static void setAttribute(Element element, String name, String value) {
        if (value == null) {
            if (element.hasAttribute(name)) {
                element.removeAttribute(name);
            }
        } else if (!value.equals(element.getAttribute(name))) {
            element.setAttribute(name, value);
        }
    }

    public static void setClass(Element element, String classes) {
        setAttribute(element, "class", classes);
    }

    public static void show(Element element, boolean shown) {
        setAttribute(element, "hidden", shown ? null : "");
    }

    public static void enable(Element control, boolean enabled) {
        setAttribute(control, "disabled", enabled ? null : "");
    }

    public static void clear(Node node) {
        while (node.getFirstChild() != null) {
            node.removeChild(node.getFirstChild());
        }
    }
}
