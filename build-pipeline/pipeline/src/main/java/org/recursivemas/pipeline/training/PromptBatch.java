package org.recursivemas.pipeline.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.team.PlannedAgent;

/**
 * The prompts of one agent for a batch of problems: text pieces tokenized each on its own, latents in the slots, padded
 * on the left to one length; optionally followed by target tokens, padded on the right.
 */
final class PromptBatch {
    private final PlannedAgent agent;
    private final FrozenModel model;
    private final NDArray inputs;
    private final int[] pad;
    private final int length;
    private final int[][] targets;

    /** Stands for a slot while prompts are rendered. */
    private record Slot(String name, int rows, int width) implements Latents {
        @Override
        public void close() {
            // holds nothing
        }
    }

    /** As the other one, with all rows of all messages. */
    PromptBatch(TrainedTeam team, PlannedAgent agent, int round, List<String> questions, Map<String, NDArray> messages,
            int[][] targets, NDManager manager) {
        this(team, agent, round, questions, messages, Map.of(), targets, manager);
    }

    /** Prompts of text alone, one a problem. */
    PromptBatch(TrainedTeam team, PlannedAgent agent, List<List<PromptPiece>> prompts, NDManager manager) {
        this(team, agent, prompts, Map.of(), null, manager);
    }

    /**
     * @param messages what stands in the slots, [batch, rows, d] each by slot name; empty slots are missing
     * @param messageRows how many rows of each problem's message count, by slot name; all where there is no entry
     * @param targets tokens that each row goes on with, or null
     * @param manager owner of the inputs
     */
    PromptBatch(TrainedTeam team, PlannedAgent agent, int round, List<String> questions, Map<String, NDArray> messages,
            Map<String, int[]> messageRows, int[][] targets, NDManager manager) {
        this(team, agent, rendered(agent, round, questions, messages, messageRows), messages, targets, manager);
    }

    private PromptBatch(TrainedTeam team, PlannedAgent agent, List<List<PromptPiece>> prompts,
            Map<String, NDArray> messages, int[][] targets, NDManager manager) {
        this.agent = agent;
        this.targets = targets;
        model = team.model(agent);
        int batch = prompts.size();
        // sources of the rows: all text tokens one after the other, then the messages
        List<int[]> texts = new ArrayList<>();
        List<List<Object>> rows = new ArrayList<>(); // int[] {first, count} of text, or Slot
        int textTokens = 0;
        int longest = 0;
        int[] lengths = new int[batch];
        for (int row = 0; row < batch; row++) {
            List<Object> parts = new ArrayList<>();
            for (PromptPiece piece : prompts.get(row)) {
                if (piece.isText()) {
                    int[] ids = team.tokens(agent, piece.text());
                    texts.add(ids);
                    parts.add(new int[] {textTokens, ids.length});
                    textTokens += ids.length;
                    lengths[row] += ids.length;
                } else {
                    parts.add(piece.latents());
                    lengths[row] += piece.latents().rows();
                }
            }
            rows.add(parts);
            longest = Math.max(longest, lengths[row]);
        }
        length = longest;
        int after = 0;
        int[] targetAt = new int[batch];
        for (int row = 0; targets != null && row < batch; row++) {
            texts.add(targets[row]);
            targetAt[row] = textTokens;
            textTokens += targets[row].length;
            after = Math.max(after, targets[row].length - 1);
        }
        int window = team.folder(agent).contextWindow();
        if (length + after > window) {
            throw new PromptTooLong(agent.id(), length + after, window);
        }
        NDArray source = sources(flat(texts, textTokens), messages, manager);
        Map<String, Integer> starts = new LinkedHashMap<>();
        int next = textTokens;
        for (Map.Entry<String, NDArray> message : messages.entrySet()) {
            starts.put(message.getKey(), next);
            next += batch * (int) message.getValue().getShape().get(1);
        }
        int width = length + after;
        int[] index = new int[batch * width];
        pad = new int[batch];
        for (int row = 0; row < batch; row++) {
            pad[row] = length - lengths[row];
            int at = row * width + pad[row];
            for (Object part : rows.get(row)) {
                int first = part instanceof Slot slot ? starts.get(slot.name()) + row * (int) messages.get(slot.name())
                        .getShape().get(1) : ((int[]) part)[0];
                int count = part instanceof Slot slot ? slot.rows() : ((int[]) part)[1];
                for (int i = 0; i < count; i++) {
                    index[at++] = first + i;
                }
            }
            for (int i = 0; targets != null && i < targets[row].length - 1; i++) {
                index[at++] = targetAt[row] + i;
            }
        }
        try (NDArray indices = TorchEngine.array(manager, index, batch, width); NDArray rowsOfAll = source) {
            inputs = TorchEngine.rows(indices, rowsOfAll);
            inputs.attach(manager);
        }
    }

    private static List<List<PromptPiece>> rendered(PlannedAgent agent, int round, List<String> questions,
            Map<String, NDArray> messages, Map<String, int[]> messageRows) {
        List<List<PromptPiece>> prompts = new ArrayList<>();
        for (int row = 0; row < questions.size(); row++) {
            prompts.add(agent.user(round).renderLatents(agent.chat(), agent.system(), questions.get(row),
                    slots(agent, messages, messageRows, row)));
        }
        return prompts;
    }

    private static Map<String, Latents> slots(PlannedAgent agent, Map<String, NDArray> messages,
            Map<String, int[]> messageRows, int row) {
        Map<String, Latents> slots = new LinkedHashMap<>();
        messages.forEach((name, message) -> slots.put(name, new Slot(name, messageRows.containsKey(name)
                ? messageRows.get(name)[row] : (int) message.getShape().get(1), agent.hiddenSize())));
        return slots;
    }

    private static int[] flat(List<int[]> texts, int count) {
        int[] all = new int[count];
        int at = 0;
        for (int[] ids : texts) {
            System.arraycopy(ids, 0, all, at, ids.length);
            at += ids.length;
        }
        return all;
    }

    /** Embeddings of tokens [n, d] above the rows of all messages. */
    private NDArray sources(int[] ids, Map<String, NDArray> messages, NDManager manager) {
        NDArray all;
        try (NDArray indices = TorchEngine.array(manager, ids, ids.length)) {
            all = model.embed(indices);
        }
        for (NDArray message : messages.values()) {
            try (NDArray flat = message.reshape(-1, agent.hiddenSize()); NDArray above = all) {
                all = above.concat(flat, 0);
            }
        }
        return all;
    }

    PlannedAgent agent() {
        return agent;
    }

    /** Input embeddings [batch, length + target length - 1, d]. */
    NDArray inputs() {
        return inputs;
    }

    /** An empty cache for these inputs. */
    KvCache cache(NDManager owner) {
        return model.cache(pad, (int) inputs.getShape().get(1), owner);
    }

    /** Positions of the padded prompts, without targets. */
    int length() {
        return length;
    }

    int batch() {
        return pad.length;
    }

    /** Positions of one problem's prompt, without padding and targets. */
    int length(int row) {
        return length - pad[row];
    }

    /** Where in the hidden states, flattened to rows, the ones stand that should say the targets, row after row. */
    int[] targetStates() {
        int width = (int) inputs.getShape().get(1);
        int total = targetTokens().length;
        int[] states = new int[total];
        int at = 0;
        for (int row = 0; row < targets.length; row++) {
            for (int i = 0; i < targets[row].length; i++) {
                states[at++] = row * width + length - 1 + i;
            }
        }
        return states;
    }

    /** All target tokens, row after row. */
    int[] targetTokens() {
        int count = 0;
        for (int[] target : targets) {
            count += target.length;
        }
        return flat(List.of(targets), count);
    }
}
