package org.recursivemas.ui;

import org.teavm.jso.dom.events.KeyboardEvent;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLDocument;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.xml.Node;

/**
 * A button beside a control that opens an explanation below it. The controls are described by the explanation
 * (aria-describedby) whether it is open or not; Escape closes it.
 */
public final class Help {
    private Help() {
    }

    /**
     * Puts the help of {@link HelpTexts} into the page, which has been built.
     *
     * @throws IllegalStateException when something that is explained is not on the page
     */
    static void attach() {
        for (HelpTexts.Topic topic : HelpTexts.TOPICS) {
            attach(topic);
        }
    }

    /** Has a control that is built later described by a topic. */
    public static void describe(HTMLElement control, String topic) {
        String own = control.getAttribute("aria-describedby");
        control.setAttribute("aria-describedby", (own == null || own.isEmpty() ? "" : own + " ") + id(topic));
    }

    private static String id(String topic) {
        return "help-" + topic;
    }

    private static void attach(HelpTexts.Topic topic) {
        HTMLElement anchor = find(topic.anchor());
        HTMLElement text = Dom.withId(Dom.text("p", "help__text", topic.text()), id(topic.anchor()));
        Dom.show(text, false);
        HTMLButtonElement button = (HTMLButtonElement) Dom.text("button", "help", "?");
        button.setType(HTMLButtonElement.TYPE_BUTTON);
        Dom.with(button, "aria-label", HelpTexts.HELP + topic.about(), "aria-expanded", "false",
                "aria-controls", text.getId());
        Dom.listen(button, "click", () -> open(button, text, text.hasAttribute("hidden")));
        button.addEventListener("keydown", (KeyboardEvent event) -> {
            if ("Escape".equals(event.getKey())) {
                open(button, text, false);
            }
        });
        place(anchor, button, text);
        for (String control : topic.controls()) {
            describe(find(control), topic.anchor());
        }
    }

    private static void open(HTMLElement button, HTMLElement text, boolean open) {
        Dom.show(text, open);
        button.setAttribute("aria-expanded", open ? "true" : "false");
    }

    /** Beside the label and below the control; beside a heading and below it; beside a button and below its row. */
    private static void place(HTMLElement anchor, HTMLElement button, HTMLElement text) {
        HTMLElement label = HTMLDocument.current().querySelector("label[for='" + anchor.getId() + "']");
        if (label != null && !label.getClassName().equals("unseen")) {
            after(label, button);
            HTMLElement around = (HTMLElement) anchor.getParentNode();
            while (around.getTagName().equalsIgnoreCase("span")) {
                around = (HTMLElement) around.getParentNode();
            }
            around.appendChild(text);
        } else if (anchor.getTagName().equalsIgnoreCase("h2")) {
            HTMLElement head = Dom.element("div", "help-head");
            anchor.getParentNode().insertBefore(head, anchor);
            head.appendChild(anchor);
            head.appendChild(button);
            after(head, text);
        } else {
            after(anchor, button);
            HTMLElement row = (HTMLElement) anchor.getParentNode();
            after(row.getClassName().equals("row") ? row : button, text);
        }
    }

    private static void after(Node before, Node added) {
        before.getParentNode().insertBefore(added, before.getNextSibling());
    }

    private static HTMLElement find(String id) {
        HTMLElement element = HTMLDocument.current().getElementById(id);
        if (element == null) {
            throw new IllegalStateException("no element \"" + id + "\" on the page, which HelpTexts explains");
        }
        return element;
    }
}
