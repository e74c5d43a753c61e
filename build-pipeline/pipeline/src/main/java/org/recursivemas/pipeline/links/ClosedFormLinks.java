package org.recursivemas.pipeline.links;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.Team;
import org.recursivemas.links.LinkMath;
import org.recursivemas.links.LinkWeights;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.twin.TeamModels;
import org.recursivemas.pipeline.twin.TwinWeights;
import org.recursivemas.pipeline.twin.WorkerPool;
import org.recursivemas.team.Edge;
import org.recursivemas.team.TeamPlan;

/**
 * Makes the links of a team without gradients. Inner link: ridge regression from an agent's hidden state to its own
 * embedding of the token that should come next. Outer link: ridge regression from the sender's embedding of a token to
 * the receiver's embedding of the same text (the mean, where the receiver spells it with several tokens), tokens weighted
 * by how often they occur in messages. Both with a constant term.
 *
 * <p>The result is the same bit for bit whatever the number of threads.
 */
public final class ClosedFormLinks {
    /** How the maps are written down. */
    public enum Form {
        /** The bare linear map: residual projection, no MLP branch, no norm at the end. */
        LINEAR,
        /**
         * The same function with an MLP branch that adds nothing yet: random first matrix, zero second one, hidden
         * width as published (inner: the width, outer: twice the output's). A start for gradient training.
         */
        MLP,
        /**
         * Inner links with an MLP branch that recognises the tokens of messages, fitted together with the linear map; outer
         * links as in {@link #LINEAR}.
         */
        TOKENS
    }

    /** Problems that show which scores the next tokens have, for {@link Form#TOKENS}. */
    private static final int SCORED_PROBLEMS = 64;

    /**
     * A further team of the same agents that gets its links in the same file, fitted together with those of the first.
     *
     * @param teamFile the team file
     * @param tasks training problems; as many are used as of the first team's
     */
    public record Further(Path teamFile, Path tasks) {
    }

    /**
     * What to do.
     *
     * @param teamFile the team file
     * @param models folder with the agents' models by agent id; null for the paths in the team file
     * @param tasks training problems (JSON lines)
     * @param problems problems to fit on
     * @param checkProblems problems behind those, to measure on
     * @param rules what each agent should say
     * @param lambda strength of the ridge relative to the mean variance of the inputs, above 0
     * @param form how to write the maps down
     * @param seed of the random first matrices of {@link Form#MLP}
     * @param threads worker threads
     * @param further further teams
     */
    public record Options(Path teamFile, Path models, Path tasks, int problems, int checkProblems, TeachingRules rules,
            double lambda, Form form, long seed, int threads, List<Further> further) {
        /** For one team. */
        public Options(Path teamFile, Path models, Path tasks, int problems, int checkProblems, TeachingRules rules,
                double lambda, Form form, long seed, int threads) {
            this(teamFile, models, tasks, problems, checkProblems, rules, lambda, form, seed, threads, List.of());
        }

        public Options {
            require("problems", problems >= 1, problems, "Use at least 1");
            require("check problems", checkProblems >= 1, checkProblems, "Use at least 1");
            require("lambda", lambda > 0 && lambda < Double.POSITIVE_INFINITY, lambda,
                    "Use a small positive number, e.g. 1e-4");
            require("threads", threads >= 1, threads, "Use at least 1");
        }

        private static void require(String option, boolean good, Object value, String remedy) {
            if (!good) {
                throw new InputException(option, "it is " + value, remedy, null);
            }
        }
    }

    /**
     * What came of it.
     *
     * @param plan of the team they are for
     * @param links the links, as a file holds them
     * @param pairs fitted positions over all agents
     * @param cosines mean cosine on the check problems by link id: of an inner link's output with the sender's
     *     embedding of the next token, of an outer link's output (behind the inner link) with the receiver's embedding
     * @param seconds wall time
     */
    public record Result(TeamPlan plan, LinkFile links, long pairs, Map<String, Double> cosines, double seconds) {
    }

    /** A team and its problems: those to fit on, then those to measure on. */
    private record Course(TeamPlan plan, List<Map<String, String>> tasks) {
    }

    private final Options options;
    private final Progress progress;
    /** All agents of all teams; paths are relative to the first team's file, or absolute. */
    private final Team agents;
    /** Of the first team. */
    private final TeamPlan plan;
    private final List<TeamPlan> plans = new ArrayList<>();
    private final List<Course> courses = new ArrayList<>();
    private final Map<String, RidgeRegression> inner = new LinkedHashMap<>();
    /**
     * How often each token occurs in an agent's messages, by agent id and token; ordered, so that sums are
     * reproducible.
     */
    private final Map<String, TreeMap<Integer, Long>> used = new LinkedHashMap<>();
    private final Map<String, LinkWeights> fitted = new LinkedHashMap<>();
    /** Token features by agent id; empty unless the form asks for them. */
    private final Map<String, TokenFeatures> features = new LinkedHashMap<>();
    private long pairs;

    private ClosedFormLinks(Options options, Progress progress) {
        this.options = options;
        this.progress = progress;
        agents = TeamFiles.team(options.teamFile());
        plan = plan(agents, options.teamFile());
        options.rules().check(plan);
        plans.add(plan);
        for (Further further : options.further()) {
            Team team = TeamFiles.team(further.teamFile());
            plans.add(plan(team, further.teamFile()));
            join(team, further.teamFile());
        }
    }

    private static TeamPlan plan(Team team, Path file) {
        TeamPlan plan = TeamPlan.of(team, file.toString());
        if (plan.edges().isEmpty()) {
            throw new InputException(file, "hand_offs",
                    "nobody hands anything over, so there is no link to make", "Name a team with hand-offs");
        }
        return plan;
    }

    /** Agents of one id must be one model: they share an inner link. */
    private void join(Team team, Path file) {
        for (AgentSpec agent : team.agents) {
            AgentSpec known = agents.agents.stream().filter(a -> a.id.equals(agent.id)).findFirst().orElse(null);
            String model = agent.model == null || agent.model.contains("://") ? agent.model
                    : file.toAbsolutePath().resolveSibling(agent.model).normalize().toString();
            if (known == null) {
                agent.model = model;
                agents.agents.add(agent);
            } else if (options.models() == null && model != null && !model.equals(options.teamFile().toAbsolutePath()
                    .resolveSibling(known.model).normalize().toString()) || known.hiddenSize != agent.hiddenSize) {
                throw new InputException(file, "agent \"" + agent.id + "\", model", "it is not the model that " + plan.file()
                        + " has for this agent", "Agents of one id share their links: name the same model, or use another id");
            }
        }
    }

    /**
     * Makes the links.
     *
     * @throws InputException when a file is unusable
     */
    public static Result run(Options options, Progress progress) {
        return new ClosedFormLinks(options, progress).run();
    }

    private Result run() {
        long start = System.nanoTime();
        courses.add(new Course(plan, tasks(options.tasks())));
        for (int i = 0; i < options.further().size(); i++) {
            courses.add(new Course(plans.get(i + 1), tasks(options.further().get(i).tasks())));
        }
        try (TeamModels models = TeamModels.load(options.teamFile(), agents, options.models());
                WorkerPool<List<TeacherForcing>> pool = new WorkerPool<>(options.threads(), () -> plans.stream().map(each ->
                        new TeacherForcing(each, options.rules(), models)).toList())) {
            if (options.form() == Form.TOKENS) {
                score(pool, models, 0, Math.min(Math.max(1, SCORED_PROBLEMS / plans.size()), options.problems()));
            }
            collect(pool, models, 0, options.problems());
            fitAll(models);
            Map<String, Double> cosines = measure(pool, models, options.problems(), options.checkProblems());
            LinkFile file = file(models, cosines);
            return new Result(plan, file, pairs, cosines, (System.nanoTime() - start) / 1e9);
        }
    }

    private List<Map<String, String>> tasks(Path file) {
        List<Map<String, String>> tasks = TeamFiles.problems(file, 0, options.problems() + options.checkProblems(),
                List.of("question"));
        if (tasks.size() < options.problems() + options.checkProblems()) {
            throw new InputException(file, null, "it holds " + tasks.size() + " problems, but "
                    + options.problems() + " to fit on and " + options.checkProblems()
                    + " to measure on were asked for", "Name a larger file or ask for fewer");
        }
        return tasks;
    }

    /** Hears the lessons of some problems of every team. */
    private interface Pupil {
        void learn(TeamPlan team, List<TeacherForcing.Lesson> lessons);
    }

    /** Lessons of {@code count} problems from {@code first} of every team, problem by problem. */
    private void teach(WorkerPool<List<TeacherForcing>> pool, int first, int count, String what, Pupil pupil) {
        int teams = courses.size();
        pool.run(count * teams, (worker, item) -> worker.get(item % teams).lessons(courses.get(item % teams).tasks()
                .get(first + item / teams)), (item, lessons) -> {
                    pupil.learn(plans.get(item % teams), lessons);
                    progress.update(what, item + 1, count * teams);
                    return true;
                });
    }

    private void score(WorkerPool<List<TeacherForcing>> pool, TeamModels models, int first, int count) {
        Map<String, double[]> sums = new LinkedHashMap<>(); // agent id -> sum of scores, count
        Map<String, TreeSet<Integer>> tokens = new LinkedHashMap<>();
        teach(pool, first, count, "scores of tokens", (team, lessons) -> {
            for (TeacherForcing.Lesson lesson : lessons) {
                TwinWeights weights = models.folder(lesson.agent()).weights();
                double[] sum = sums.computeIfAbsent(lesson.agent(), id -> new double[2]);
                for (int i = 0; i < lesson.next().length; i++) {
                    sum[0] += TokenFeatures.score(lesson.hidden()[i], weights.embed(lesson.next()[i]));
                    sum[1]++;
                    tokens.computeIfAbsent(lesson.agent(), id -> new TreeSet<>()).add(lesson.next()[i]);
                }
            }
        });
        sums.forEach((agent, sum) -> features.put(agent, new TokenFeatures(models.folder(agent).weights(),
                tokens.get(agent).stream().mapToInt(Integer::intValue).toArray(), sum[0] / sum[1])));
    }

    private void collect(WorkerPool<List<TeacherForcing>> pool, TeamModels models, int first, int count) {
        teach(pool, first, count, "teacher-forced passes", (team, lessons) -> {
            for (TeacherForcing.Lesson lesson : lessons) {
                TwinWeights weights = models.folder(lesson.agent()).weights();
                int width = weights.config().hiddenSize();
                TokenFeatures recognised = features.get(lesson.agent());
                int inputs = recognised == null ? width : recognised.count() + width;
                RidgeRegression sums = inner.computeIfAbsent(lesson.agent(), id -> new RidgeRegression(inputs, width));
                TreeMap<Integer, Long> counts = used.computeIfAbsent(lesson.agent(), id -> new TreeMap<>());
                for (int i = 0; i < lesson.next().length; i++) {
                    float[] hidden = lesson.hidden()[i];
                    sums.add(recognised == null ? hidden : recognised.of(hidden), weights.embed(lesson.next()[i]), 1);
                    counts.merge(lesson.next()[i], 1L, Long::sum);
                    pairs++;
                }
            }
        });
    }

    private void fitAll(TeamModels models) {
        Random random = new Random(options.seed());
        for (AgentSpec agent : agents.agents) {
            if (inner.containsKey(agent.id)) {
                fitted.put(agent.id, written(agent.id, solved(agent.id, inner.get(agent.id)), agent.hiddenSize,
                        agent.hiddenSize, agent.hiddenSize, random));
            }
        }
        for (Edge edge : edges()) {
            String id = outerId(edge);
            if (!fitted.containsKey(id)) {
                int in = models.folder(edge.from()).config().hiddenSize();
                int out = models.folder(edge.to()).config().hiddenSize();
                fitted.put(id, written(id, solved(id, outer(edge, models)), in, 2 * out, out, random));
            }
        }
    }

    private List<Edge> edges() {
        return plans.stream().flatMap(each -> each.edges().stream()).toList();
    }

    private TokenMap tokens(Edge edge, TeamModels models) {
        return new TokenMap(edge.from(), models.folder(edge.from()), edge.to(), models.folder(edge.to()),
                options.rules());
    }

    private RidgeRegression outer(Edge edge, TeamModels models) {
        TwinWeights from = models.folder(edge.from()).weights();
        TwinWeights to = models.folder(edge.to()).weights();
        TokenMap tokens = tokens(edge, models);
        RidgeRegression sums = new RidgeRegression(from.config().hiddenSize(), to.config().hiddenSize());
        used.get(edge.from()).forEach((token, count) -> {
            float[] read = tokens.embed(token, to);
            if (read != null) {
                sums.add(from.embed(token), read, count);
            }
        });
        if (sums.weight() == 0) {
            throw new InputException(options.teamFile(), "hand-off " + edge,
                    "no token of the messages is a text of the reader", "Use agents whose tokenizers share texts");
        }
        return sums;
    }

    private RidgeRegression.Solution solved(String id, RidgeRegression sums) {
        try {
            return sums.solve(options.lambda());
        } catch (IllegalStateException e) {
            throw new InputException("link \"" + id + "\"", e.getMessage(), "Raise --lambda or fit on more problems",
                    e);
        }
    }

    private LinkWeights written(String id, RidgeRegression.Solution map, int in, int hidden, int out, Random random) {
        if (features.containsKey(id)) {
            return recognising(id, features.get(id), map, in);
        }
        if (options.form() != Form.MLP) {
            return new LinkWeights(id, in, 0, out, null, null, null, null, null, null, map.matrix, map.bias, null,
                    null);
        }
        float[] gain = new float[in];
        Arrays.fill(gain, 1f);
        float[] first = new float[hidden * in];
        for (int i = 0; i < first.length; i++) {
            first[i] = (float) (random.nextGaussian() / Math.sqrt(in));
        }
        return new LinkWeights(id, in, hidden, out, gain, new float[in], first, new float[hidden],
                new float[out * hidden], new float[out], map.matrix, map.bias, null, null);
    }

    /** Splits the fitted map of features and state into second layer and residual projection. */
    private static LinkWeights recognising(String id, TokenFeatures features, RidgeRegression.Solution map, int width) {
        int count = features.count();
        float[] second = new float[width * count];
        float[] residual = new float[width * width];
        for (int row = 0; row < width; row++) {
            System.arraycopy(map.matrix, row * (count + width), second, row * count, count);
            System.arraycopy(map.matrix, row * (count + width) + count, residual, row * width, width);
        }
        return new LinkWeights(id, width, count, width, features.gain(), new float[width], features.scores(),
                features.offsets(), second, new float[width], residual, map.bias, null, null);
    }

    private Map<String, Double> measure(WorkerPool<List<TeacherForcing>> pool, TeamModels models, int first, int count) {
        Map<String, double[]> sums = new LinkedHashMap<>(); // id -> sum of cosines, count
        fitted.keySet().forEach(id -> sums.put(id, new double[2]));
        Map<Edge, TokenMap> tokens = new LinkedHashMap<>();
        edges().forEach(edge -> tokens.put(edge, tokens(edge, models)));
        teach(pool, first, count, "measuring", (team, lessons) -> {
            for (TeacherForcing.Lesson lesson : lessons) {
                float[][] linked = LinkMath.apply(fitted.get(lesson.agent()), lesson.hidden());
                for (int i = 0; i < linked.length; i++) {
                    int next = lesson.next()[i];
                    enter(sums.get(lesson.agent()), linked[i], models.folder(lesson.agent()).weights().embed(next));
                    for (Edge edge : team.outgoing(team.agent(lesson.agent()), true)) {
                        float[] read = tokens.get(edge).embed(next, models.folder(edge.to()).weights());
                        if (read != null) {
                            String id = outerId(edge);
                            enter(sums.get(id), LinkMath.apply(fitted.get(id), linked[i]), read);
                        }
                    }
                }
            }
        });
        Map<String, Double> cosines = new LinkedHashMap<>();
        sums.forEach((id, sum) -> cosines.put(id, sum[1] == 0 ? Double.NaN : sum[0] / sum[1]));
        return cosines;
    }

    private static void enter(double[] sum, float[] a, float[] b) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        sum[0] += aa == 0 || bb == 0 ? 0 : dot / Math.sqrt(aa * bb);
        sum[1]++;
    }

    private static String outerId(Edge edge) {
        return edge.from() + "->" + edge.to();
    }

    private LinkFile file(TeamModels models, Map<String, Double> cosines) {
        LinkFile file = new LinkFile();
        file.format = LinkFile.FORMAT;
        file.version = LinkFile.VERSION;
        file.team = plan.id();
        file.alsoFor = plans.size() == 1 ? null : new ArrayList<>(plans.stream().skip(1).map(TeamPlan::id).toList());
        file.agents.putAll(models.digests());
        for (AgentSpec agent : agents.agents) {
            if (fitted.containsKey(agent.id)) {
                file.links.add(fitted.get(agent.id).encode("inner", agent.id, agent.id));
            }
        }
        for (Edge edge : edges()) {
            String id = outerId(edge);
            if (file.links.stream().noneMatch(link -> link.id.equals(id))) {
                file.links.add(fitted.get(id).encode("outer", edge.from(), edge.to()));
            }
        }
        Map<String, String> facts = file.training;
        facts.put("method", "closed form: ridge regression, no gradient");
        facts.put("form", options.form().name().toLowerCase(Locale.ROOT));
        facts.put("tasks", options.tasks().getFileName().toString());
        facts.put("problems", Integer.toString(options.problems()));
        facts.put("pairs", Long.toString(pairs));
        facts.put("lambda", Double.toString(options.lambda()));
        facts.put("seed", Long.toString(options.seed()));
        facts.put("messages", String.join(", ", options.rules().facts()));
        cosines.forEach((id, cosine) -> facts.put("mean cosine, " + id, String.format(Locale.ROOT, "%.4f", cosine)));
        return file;
    }
}
