package org.recursivemas.pipeline.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.pipeline.twin.ModelFolder;
import org.recursivemas.pipeline.twin.TeamModels;
import org.recursivemas.pipeline.twin.TwinDevice;
import org.recursivemas.pipeline.twin.TwinModel;
import org.recursivemas.team.Edge;
import org.recursivemas.team.PlannedAgent;
import org.recursivemas.team.TeamPlan;

/**
 * What {@link TeacherForcing} computes, on the plain-Java twin, one problem at a time: passes in which agents are made to say what
 * they should: each agent's prompt as in a latent run, with the token embeddings of what its senders should say in the slots,
 * followed by its own target.
 */
final class TwinTeacherForcing {
    private final TeamPlan plan;
    private final TeachingRules rules;
    private final TeamModels folders;
    private final Map<String, TwinModel> models;
    private final TwinDevice device = new TwinDevice();

    TwinTeacherForcing(TeamPlan plan, TeachingRules rules, TeamModels models) {
        this.plan = plan;
        this.rules = rules;
        folders = models;
        this.models = models.sequences();
    }

    /**
     * What an agent's states were when it was about to say each row of a message.
     *
     * @param agent agent id
     * @param hidden [rows][hidden], after the final norm
     * @param next the token that follows each state, [rows]
     */
    record Lesson(String agent, float[][] hidden, int[] next) {
    }

    /**
     * One pass for every prompt of every agent that hands over: the first round's, and the later rounds' where it
     * differs.
     */
    List<Lesson> lessons(Map<String, String> task) {
        List<Lesson> lessons = new ArrayList<>();
        for (PlannedAgent agent : plan.agents()) {
            if (plan.outgoing(agent, true).isEmpty()) {
                continue;
            }
            lessons.add(lesson(agent, 1, task));
            if (agent.user(2) != agent.user(1)) {
                lessons.add(lesson(agent, 2, task));
            }
        }
        return lessons;
    }

    private Lesson lesson(PlannedAgent agent, int round, Map<String, String> task) {
        TwinModel model = models.get(agent.id());
        Map<String, Latents> slots = new LinkedHashMap<>();
        for (Edge edge : plan.incoming(agent, round)) {
            slots.put(edge.slot(), device.write(model.weights().embed(message(agent.id(), model, rules.slot(plan, edge, task))),
                    model));
        }
        List<PromptPiece> prompt = agent.user(round).renderLatents(agent.chat(), agent.system(),
                task.get("question"), slots);
        int[] target = message(agent.id(), model, rules.target(plan, agent, task));
        float[][] before = model.inputs(prompt);
        float[][] inputs = new float[before.length + target.length - 1][];
        System.arraycopy(before, 0, inputs, 0, before.length);
        for (int i = 0; i < target.length - 1; i++) {
            inputs[before.length + i] = model.weights().embed(target[i]);
        }
        model.reset();
        float[][] all = model.hidden(inputs);
        float[][] hidden = new float[target.length][];
        System.arraycopy(all, before.length - 1, hidden, 0, target.length);
        return new Lesson(agent.id(), hidden, target);
    }

    private int[] message(String agent, TwinModel model, String text) {
        ModelFolder folder = folders.folder(agent);
        return rules.close(model.tokenize(text), rules.end(agent, folder), rules.filler(agent, folder));
    }
}
