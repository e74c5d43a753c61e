package org.recursivemas.pipeline.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.ModeReport;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.team.Answers;
import org.recursivemas.team.Edge;
import org.recursivemas.team.Mode;
import org.recursivemas.team.PlannedAgent;
import org.recursivemas.team.Rounds;
import org.recursivemas.together.LatentBlock;
import org.recursivemas.together.LatentEncoding;

/**
 * A team on PyTorch that answers many problems at a time, greedily: the weights are read once a token for all of them. Counts
 * are those of a run of one problem. Safe for use by several threads.
 */
public final class TorchAnswers implements AutoCloseable {
    private final TrainedTeam team;
    private final LinkSet links;
    private final LatentEncoding encoding;

    /**
     * Reads the models.
     *
     * @param models folder with the agents' models by agent id; null for the paths in the team file
     * @param links null when no latent answers are wanted
     * @param linkName where the links came from, for errors
     * @param encoding how messages are written between agents
     */
    public TorchAnswers(Path teamFile, Path models, LinkFile links, String linkName, LatentEncoding encoding) {
        this.encoding = encoding;
        team = new TrainedTeam(teamFile, models);
        try {
            this.links = links == null ? null : LinkSet.of(team.plan(), links, linkName);
        } catch (RuntimeException e) {
            team.close();
            throw e;
        }
    }

    /** SHA-256 (hex) of each agent's weights, by agent id. */
    public Map<String, String> digests() {
        return team.digests();
    }

    /** Threads that may call {@link #answer} at the same time, at most: one where a GPU computes. */
    public int threads(int wanted) {
        return TorchEngine.get().gpu() ? 1 : wanted;
    }

    /**
     * Answers problems.
     *
     * @param mode out of {@link Mode}
     * @param tasks problems with question and answer
     * @return a report for each, with text, answer and counts; without stages
     * @throws PromptTooLong when one of the problems makes a prompt too long
     */
    public List<ModeReport> answer(String mode, int rounds, int latentSteps, List<Map<String, String>> tasks) {
        long start = System.nanoTime();
        List<ModeReport> reports = new ArrayList<>();
        List<String> questions = new ArrayList<>();
        for (Map<String, String> task : tasks) {
            ModeReport report = new ModeReport();
            report.mode = mode;
            report.rounds = mode.equals(Mode.SINGLE) ? 1 : rounds;
            reports.add(report);
            questions.add(task.get("question"));
        }
        try (NDManager manager = TorchEngine.get().newManager()) {
            Pass pass = new Pass(questions, reports, manager);
            PlannedAgent decider = team.plan().decider();
            if (mode.equals(Mode.LATENT)) {
                LinkArrays arrays = new LinkArrays(links, link -> false, manager);
                pass.write(TeamPass.decision(team, arrays, new TeamPass.Settings(rounds, latentSteps, 0), questions, null,
                        null, pass.counting(latentSteps), manager));
            } else if (mode.equals(Mode.TEXT)) {
                new Rounds<>(team.plan(), pass).run(rounds);
            } else {
                pass.write(pass.prompts(decider, row -> decider.alone().renderText(decider.chat(), decider.system(),
                        questions.get(row), Map.of())));
            }
        }
        for (int row = 0; row < reports.size(); row++) {
            ModeReport report = reports.get(row);
            String expected = tasks.get(row).get("answer");
            boolean whole = report.finish.equals("stop") || Answers.wholeWhenCutOff(report.text,
                    team.plan().answerMarker());
            report.answer = Answers.extract(report.text, team.plan().answerMarker());
            report.correct = whole && Answers.same(report.answer, expected);
            report.millis = (System.nanoTime() - start) / 1e6 / reports.size();
        }
        return reports;
    }

    /** Renders a problem's prompt. */
    private interface Rendering {
        List<PromptPiece> of(int row);
    }

    /** One way of answering a batch; the messages of text hand-offs are texts by problem. */
    private final class Pass implements Rounds.Worker<String[]> {
        private final List<String> questions;
        private final List<ModeReport> reports;
        private final NDManager manager;

        private Pass(List<String> questions, List<ModeReport> reports, NDManager manager) {
            this.questions = questions;
            this.reports = reports;
            this.manager = manager;
        }

        private PromptBatch prompts(PlannedAgent agent, Rendering rendering) {
            List<List<PromptPiece>> prompts = new ArrayList<>();
            for (int row = 0; row < questions.size(); row++) {
                prompts.add(rendering.of(row));
            }
            return new PromptBatch(team, agent, prompts, manager);
        }

        private PromptBatch prompts(PlannedAgent agent, int round, Map<String, String[]> slots) {
            return prompts(agent, row -> {
                Map<String, String> texts = new LinkedHashMap<>();
                slots.forEach((name, message) -> texts.put(name, message[row]));
                return agent.user(round).renderText(agent.chat(), agent.system(), questions.get(row), texts);
            });
        }

        /** Every rollout feeds all its steps but the last one back. */
        private TeamPass.Watcher counting(int stepsOfRun) {
            return new TeamPass.Watcher() {
                @Override
                public void see(String link, int round, NDArray output) {
                    // links are not counted
                }

                @Override
                public NDArray arrived(NDArray message) {
                    return encoding == LatentEncoding.F32 ? message : coded(message);
                }

                @Override
                public void prompted(PromptBatch prompts) {
                    int steps = prompts.agent().latentSteps(stepsOfRun);
                    for (int row = 0; row < reports.size(); row++) {
                        ModeReport report = reports.get(row);
                        report.latentStepsTotal += steps;
                        report.promptPositions += prompts.length(row);
                        report.positions += prompts.length(row) + steps - 1;
                    }
                }
            };
        }

        /** Each problem's message, written and read again. */
        private NDArray coded(NDArray message) {
            try (NDArray sent = message) {
                long[] shape = sent.getShape().getShape(); // batch, m, d of the reader
                int size = (int) (shape[1] * shape[2]);
                float[] all = sent.toFloatArray();
                for (int row = 0; row < shape[0]; row++) {
                    LatentBlock block = new LatentBlock((int) shape[1], (int) shape[2],
                            Arrays.copyOfRange(all, row * size, (row + 1) * size));
                    float[] read = encoding.decode(encoding.encode(block), block.rows(), block.width()).values();
                    System.arraycopy(read, 0, all, row * size, size);
                }
                return TorchEngine.array(manager, all, shape);
            }
        }

        /** Writes a text for every problem and counts; the last token is never fed back. */
        private String[] write(PromptBatch prompts) {
            List<TeamPass.Written> written = TeamPass.write(team, prompts, manager);
            String[] texts = new String[reports.size()];
            for (int row = 0; row < texts.length; row++) {
                TeamPass.Written text = written.get(row);
                int decoded = text.tokens().length + (text.cut() ? 0 : 1);
                texts[row] = team.folder(prompts.agent()).tokenizer().decode(text.tokens());
                ModeReport report = reports.get(row);
                report.text = texts[row];
                report.finish = text.cut() ? "length" : "stop";
                report.decodedTokens += decoded;
                report.promptPositions += prompts.length(row);
                report.positions += prompts.length(row) + Math.max(0, decoded - 1);
            }
            return texts;
        }

        @Override
        public void handOff(PlannedAgent agent, int round, Map<String, String[]> slots, List<Edge> edges,
                Rounds.Outbox<String[]> outbox) {
            String[] texts = write(prompts(agent, round, slots));
            edges.forEach(edge -> outbox.send(edge, texts));
        }

        @Override
        public void answer(PlannedAgent agent, int round, Map<String, String[]> slots) {
            write(prompts(agent, round, slots));
        }

        @Override
        public void drop(String[] message) {
            // text needs no care
        }
    }

    @Override
    public void close() {
        team.close();
    }
}
