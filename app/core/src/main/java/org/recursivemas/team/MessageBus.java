package org.recursivemas.team;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.CandidateReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.PromptPiece;

/**
 * Keeps every message of a run, so that a hand-off can bring its reader the most relevant ones of all rounds instead of the
 * newest alone.
 *
 * <p>A message is as relevant as its mean input vector is alike to that of the reader's prompt with empty slots: their
 * cosine. Both are in the reader's space of input embeddings, for that is where an outer link leads to, and it costs no
 * prefill. A hidden state behind the prompt would cost one, and lies in another space.
 *
 * @param <M> a message
 */
final class MessageBus<M> implements AutoCloseable {
    /** Scores no further apart than this are as good as equal: engines differ in the last digits of a cosine. */
    static final double TIE = 1e-4;
    private static final double LEAST = -1;

    /** What a message is. */
    interface Kind<M> {
        /** As a part of a prompt. */
        PromptPiece piece(M message);

        /** Several messages, at least 2, as one behind the other. */
        M join(LanguageModel reader, List<M> messages);

        void close(M message);
    }

    private static final class Made<M> {
        final int round;
        final M message;

        Made(int round, M message) {
            this.round = round;
            this.message = message;
        }
    }

    private final Scope scope;
    private final Kind<M> kind;
    /** Oldest first. */
    private final Map<Edge, List<Made<M>>> made = new HashMap<>();
    /** What was joined for the present visit. */
    private final List<M> joined = new ArrayList<>();

    /** For a run whose report says how many messages a hand-off brings. */
    MessageBus(Scope scope, Kind<M> kind) {
        this.scope = scope;
        this.kind = kind;
    }

    /** Keeps a message, which is open until {@link #close}. @param round in which it was made, 1-based */
    void keep(Edge edge, int round, M message) {
        made.computeIfAbsent(edge, along -> new ArrayList<>()).add(new Made<>(round, message));
    }

    /**
     * What stands in the slots of a visit, and enters the candidates into {@code stage}. Reads their scores from the device,
     * once a slot. What the last visit was given is closed.
     *
     * @param newest messages by slot name, null for an empty one: such a slot stays empty
     * @return messages by slot name, not to be closed by the caller
     */
    Map<String, M> fill(PlannedAgent reader, int round, Map<String, M> newest, StageReport stage) {
        closeJoined();
        Map<String, M> slots = new HashMap<>(newest);
        for (Edge edge : scope.plan.incoming(reader, round)) {
            if (newest.get(edge.slot()) == null) {
                continue;
            }
            List<Made<M>> candidates = new ArrayList<>(made.get(edge));
            candidates.removeIf(candidate -> candidate.round + (edge.feedback() ? 1 : 0) > round);   // still under way
            double[] scores = scores(reader, round, candidates);
            boolean[] chosen = choose(scores, scope.report.retrieval);
            List<M> messages = new ArrayList<>();
            for (int i = 0; i < scores.length; i++) {
                CandidateReport candidate = new CandidateReport();
                candidate.slot = edge.slot();
                candidate.from = edge.from();
                candidate.round = candidates.get(i).round;
                candidate.score = scores[i];
                candidate.chosen = chosen[i];
                stage.candidates.add(candidate);
                if (chosen[i]) {
                    messages.add(candidates.get(i).message);
                }
            }
            slots.put(edge.slot(), messages.size() == 1 ? messages.get(0) : join(reader, messages));
        }
        return slots;
    }

    private M join(PlannedAgent reader, List<M> messages) {
        M together = kind.join(scope.model(reader), messages);
        joined.add(together);
        return together;
    }

    private double[] scores(PlannedAgent reader, int round, List<Made<M>> candidates) {
        PromptPiece own = PromptPiece.text(reader.user(round).renderBare(reader.chat(), reader.system(),
                scope.request.problem()));
        List<PromptPiece> pieces = new ArrayList<>();
        candidates.forEach(candidate -> pieces.add(kind.piece(candidate.message)));
        double[] scores = scope.model(reader).relevance(own, pieces);
        for (int i = 0; i < scores.length; i++) {
            if (Double.isNaN(scores[i]) || Double.isInfinite(scores[i])) {
                scores[i] = LEAST;   // a message that is not finite; the run ends with it before any text is shown
            }
        }
        return scores;
    }

    /**
     * The most relevant ones: again and again the newest of those that are as good as the best that is left.
     *
     * @param scores oldest first
     * @param most at least 1
     */
    static boolean[] choose(double[] scores, int most) {
        boolean[] chosen = new boolean[scores.length];
        for (int n = 0; n < Math.min(most, scores.length); n++) {
            double best = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < scores.length; i++) {
                best = chosen[i] ? best : Math.max(best, scores[i]);
            }
            int next = scores.length - 1;
            while (chosen[next] || scores[next] < best - TIE) {
                next--;
            }
            chosen[next] = true;
        }
        return chosen;
    }

    /**
     * Refuses a prompt that several messages in a slot have made too long, naming the slot.
     *
     * @param more positions that follow the prompt
     */
    void requireRoom(PlannedAgent reader, StageReport stage, List<PromptPiece> prompt, int more) {
        Map<String, Integer> counts = new HashMap<>();
        String fullest = null;
        for (CandidateReport candidate : stage.candidates) {
            if (candidate.chosen) {
                int count = counts.merge(candidate.slot, 1, Integer::sum);
                fullest = fullest == null || count > counts.get(fullest) ? candidate.slot : fullest;
            }
        }
        if (fullest == null || counts.get(fullest) < 2) {
            return;   // as without retrieval
        }
        LanguageModel model = scope.model(reader);
        int positions = 0;
        for (PromptPiece piece : prompt) {
            positions += piece.isText() ? model.tokenize(piece.text()).length : piece.latents().rows();
        }
        if (positions + more > model.contextWindow()) {
            throw new EngineException("agent " + reader.id() + ", round " + stage.round + ": slot {" + fullest + "} holds "
                    + counts.get(fullest) + " messages, and the prompt takes " + positions + " positions"
                    + (more == 0 ? "" : ", which " + more + " latent steps follow") + "; model " + model.id()
                    + " has a context window of " + model.contextWindow() + ". Retrieve fewer messages (now "
                    + scope.report.retrieval + "), shorten the problem or use fewer latent steps");
        }
    }

    private void closeJoined() {
        joined.forEach(kind::close);
        joined.clear();
    }

    @Override
    public void close() {
        closeJoined();
        made.values().forEach(messages -> messages.forEach(one -> kind.close(one.message)));
        made.clear();
    }
}
