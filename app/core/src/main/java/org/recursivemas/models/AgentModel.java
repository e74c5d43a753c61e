package org.recursivemas.models;

import java.util.List;
import org.recursivemas.data.ChatFormat;
import org.recursivemas.data.FormatException;
import org.recursivemas.measure.Fields;

/**
 * A model that an agent can be given: what a team file says of it.
 *
 * @param folder absolute address of the model's folder
 * @param library absolute address of the model library (.wasm)
 * @param hiddenSize width of its hidden states
 * @param contextWindow tokens of its KV cache
 * @param chat how its messages are wrapped
 */
public record AgentModel(String folder, String library, int hiddenSize, int contextWindow, ChatFormat chat) {
    /** Tokens of the KV cache where nobody says how many a GPU can be expected to hold. */
    public static final int USUAL_CONTEXT = 4096;

    /** The text of a special token. */
    public interface Tokens {
        /** @param id of the token. @throws FormatException when the tokenizer has no such token */
        String text(int id);
    }

    /**
     * @param config the parsed mlc-chat-config.json of the folder
     * @param contextWindow as the package or catalogue says; 0 where nobody does: the configuration's, but at most
     *     {@link #USUAL_CONTEXT}
     * @param tokens asked where the format begins with a special token
     * @throws FormatException naming the field of the configuration that does not fit
     */
    public static AgentModel of(String folder, String library, Object config, int contextWindow, Tokens tokens) {
        Fields fields = Fields.of(config, folder + ModelFolder.CONFIG);
        Fields shape = object(fields, "model_config");
        int window = contextWindow > 0 ? contextWindow
                : Math.min(USUAL_CONTEXT, fields.whole("context_window_size", 1, Integer.MAX_VALUE));
        return new AgentModel(folder, library, shape.whole("hidden_size", 1, Integer.MAX_VALUE), window,
                chat(object(fields, "conv_template"), tokens));
    }

    private static Fields object(Fields fields, String name) {
        Fields object = fields.optionalObject(name);
        if (object == null) {
            throw fields.fault(name, "is missing");
        }
        return object;
    }

    /** A conversation template of MLC as the three texts of a team file. */
    private static ChatFormat chat(Fields template, Tokens tokens) {
        ChatFormat chat = new ChatFormat();
        String system = template.text("system_template");
        StringBuilder begin = new StringBuilder();
        for (double id : template.optionalNumbers("system_prefix_token_ids")) {
            begin.append(tokens.text((int) id));
        }
        chat.system = begin + filled(template, "system_template", system, "{system_message}", "{system}");
        Fields roles = object(template, "roles");
        Boolean opens = template.optionalFlag("add_role_after_system_message");
        String role = Boolean.FALSE.equals(opens) ? "" : roles.text("user") + template.text("role_content_sep");
        Fields templates = template.optionalObject("role_templates");
        String user = templates == null || templates.optional("user") == null ? "{user_message}" : templates.text("user");
        List<String> seps = template.texts("seps");
        if (seps.isEmpty()) {
            throw template.fault("seps", "is empty");
        }
        chat.user = role + filled(template, "role_templates.user", user, "{user_message}", "{user}") + seps.get(0);
        chat.generation = roles.text("assistant") + template.text("role_empty_sep");
        return chat;
    }

    private static String filled(Fields fields, String name, String text, String theirs, String ours) {
        int at = text.indexOf(theirs);
        if (at < 0 || at != text.lastIndexOf(theirs)) {
            throw fields.fault(name, "does not hold " + theirs + " exactly once");
        }
        return text.substring(0, at) + ours + text.substring(at + theirs.length());
    }

    /** The text of a special token in a parsed tokenizer.json. @param file its address, for messages */
    public static String token(Object tokenizer, String file, int id) {
        Fields fields = Fields.of(tokenizer, file);
        for (Fields token : fields.objects("added_tokens")) {
            if (token.whole("id", 0, Integer.MAX_VALUE) == id) {
                return token.text("content");
            }
        }
        throw fields.fault("added_tokens", "holds no token " + id + ", with which the conversation template begins");
    }
}
