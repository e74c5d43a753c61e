package org.recursivemas.pipeline.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.recursivemas.data.LinkFile;
import org.recursivemas.links.LinkWeights;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.twin.ModelFolder;
import org.recursivemas.pipeline.twin.WorkerPool;
import org.recursivemas.team.Edge;
import org.recursivemas.team.PlannedAgent;
import org.recursivemas.team.TeamPlan;

/**
 * Makes the links of one or several teams of the same agents without gradients. Inner link: ridge regression from an
 * agent's hidden state to its own embedding of the token that should come next. Outer link: ridge regression from the
 * sender's embedding of a token to the receiver's embedding of the same text (the mean, where the receiver spells it with
 * several tokens), tokens weighted by how often they occur in messages. Both with a constant term.
 *
 * <p>The passes are made by PyTorch on batches of problems of similar length, and only sums of what they show are kept,
 * so that memory does not grow with the number of problems. On a CPU the result is the same bit for bit whatever the
 * number of threads.
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
    /** Positions of a pass, over all problems of its batch, are to be about so many. */
    private static final int BATCH_POSITIONS = 2048;
    /** Guess of the positions of a prompt beside question and messages. */
    private static final int FRAME_POSITIONS = 64;

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
     * @param plan of the first team
     * @param links the links, as a file holds them
     * @param pairs fitted positions over all agents
     * @param cosines mean cosine on the check problems by link id: of an inner link's output with the sender's
     *     embedding of the next token, of an outer link's output (behind the inner link) with the receiver's embedding
     * @param seconds wall time
     */
    public record Result(TeamPlan plan, LinkFile links, long pairs, Map<String, Double> cosines, double seconds) {
    }

    /** A team, its teacher and its problems: those to fit on, then those to measure on. */
    private record Course(TrainedTeam team, TeacherForcing teacher, List<Map<String, String>> tasks) {
        List<Map<String, String>> tasks(int from, int to) {
            return tasks.subList(from, to);
        }
    }

    private final Options options;
    /** The first team. */
    private final TrainedTeam team;
    private final List<Course> courses = new ArrayList<>();
    /** Where an agent's model is found, by agent id; in the order of the link file. */
    private final Map<String, TrainedTeam> homes = new LinkedHashMap<>();
    private final WorkerPool<Object> pool;
    private final Progress progress;
    private final BooleanSupplier stop;
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

    private ClosedFormLinks(Options options, TrainedTeam team, WorkerPool<Object> pool, Progress progress,
            BooleanSupplier stop) {
        this.options = options;
        this.team = team;
        this.pool = pool;
        this.progress = progress;
        this.stop = stop;
        options.rules().check(team.plan());
        enrol(team, options.tasks());
    }

    /** Agents of one id must be one model: they share an inner link. */
    private void enrol(TrainedTeam pupil, Path tasks) {
        Map<String, String> digests = pupil.digests();
        for (PlannedAgent agent : pupil.plan().agents()) {
            TrainedTeam known = homes.putIfAbsent(agent.id(), pupil);
            if (known != null && !known.digests().get(agent.id()).equals(digests.get(agent.id()))) {
                throw new InputException(Path.of(pupil.plan().file()), "agent \"" + agent.id() + "\", model",
                        "it is not the model that " + known.plan().file() + " has for this agent",
                        "Agents of one id share their links: name the same model, or use another id");
            }
        }
        courses.add(new Course(pupil, new TeacherForcing(pupil, options.rules()), tasks(tasks)));
    }

    private List<Map<String, String>> tasks(Path file) {
        int wanted = options.problems() + options.checkProblems();
        List<Map<String, String>> tasks = TeamFiles.problems(file, 0, wanted, List.of("question"));
        if (tasks.size() < wanted) {
            throw new InputException(file, null, "it holds " + tasks.size() + " problems, but " + options.problems()
                    + " to fit on and " + options.checkProblems() + " to measure on were asked for",
                    "Name a larger file or ask for fewer");
        }
        return tasks;
    }

    /**
     * Makes the links.
     *
     * @throws InputException when a file is unusable
     */
    public static Result run(Options options, Progress progress) {
        try (TrainedTeam team = new TrainedTeam(options.teamFile(), options.models()).trainable();
                WorkerPool<Object> pool = new WorkerPool<>(TorchEngine.get().gpu() ? 1 : options.threads(),
                        Object::new)) {
            return run(options, team, pool, progress, () -> false);
        }
    }

    /**
     * As the other one, for a team that is open.
     *
     * @param pool workers
     * @param stop asked between batches
     * @throws InputException also when it was stopped
     */
    static Result run(Options options, TrainedTeam team, WorkerPool<Object> pool, Progress progress,
            BooleanSupplier stop) {
        ClosedFormLinks links = new ClosedFormLinks(options, team, pool, progress, stop);
        List<TrainedTeam> opened = new ArrayList<>();
        try {
            for (Further further : options.further()) {
                opened.add(new TrainedTeam(further.teamFile(), options.models(), List.copyOf(links.homes.values()))
                        .trainable());
                links.enrol(opened.get(opened.size() - 1), further.tasks());
            }
            return links.run();
        } finally {
            links.inner.values().forEach(RidgeRegression::close);
            opened.forEach(TrainedTeam::close);
        }
    }

    private Result run() {
        long start = System.nanoTime();
        if (options.form() == Form.TOKENS) {
            score(Math.min(Math.max(1, SCORED_PROBLEMS / courses.size()), options.problems()));
        }
        collect();
        fitAll();
        LinkFile file = file();
        Map<String, Double> cosines = measure(file);
        cosines.forEach((id, cosine) -> file.training.put("mean cosine, " + id, String.format(Locale.ROOT, "%.4f",
                cosine)));
        return new Result(team.plan(), file, pairs, cosines, (System.nanoTime() - start) / 1e9);
    }

    /** What a batch has shown; its arrays live until it is closed. */
    private record Shown(int problems, List<TeacherForcing.Lesson> lessons, NDManager manager) {
    }

    /** Takes what a lesson of a team shows, in the order of the lessons, on the thread that fits. */
    private interface Learner {
        void learn(TrainedTeam pupil, TeacherForcing.Lesson lesson);
    }

    /** Problems of one team that pass together. */
    private record Batch(Course course, List<Map<String, String>> tasks) {
    }

    /** Passes of problems {@code from} to {@code to} of every team. */
    private void lessons(String what, int from, int to, Learner learner) {
        int all = courses.size() * (to - from);
        progress.update(what, 0, all); // from here on time counts
        List<Batch> batches = courses.stream().flatMap(course -> batches(course, course.tasks(from, to)).stream()).toList();
        int[] done = new int[1];
        pool.run(batches.size(), (worker, item) -> stop.getAsBoolean() ? null : shown(batches.get(item)),
                (item, shown) -> {
                    if (shown == null) {
                        throw stopped();
                    }
                    try (NDManager owner = shown.manager()) {
                        shown.lessons().forEach(lesson -> learner.learn(batches.get(item).course().team(), lesson));
                    }
                    done[0] += shown.problems();
                    progress.update(what, done[0], all);
                    return true;
                });
    }

    private Shown shown(Batch batch) {
        NDManager manager = TorchEngine.get().newManager();
        try {
            return new Shown(batch.tasks().size(), batch.course().teacher().lessons(batch.tasks(), manager), manager);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private static InputException stopped() {
        return new InputException("closed form", "it was stopped before the links were made", "Run it again", null);
    }

    /** Problems of similar length side by side, so that little is padding. */
    private List<Batch> batches(Course course, List<Map<String, String>> tasks) {
        List<Map<String, String>> sorted = new ArrayList<>(tasks);
        TrainedTeam pupil = course.team();
        PlannedAgent first = pupil.plan().agents().get(0);
        sorted.sort(Comparator.comparingInt(task -> pupil.tokens(first, task.get("question")).length));
        List<Batch> batches = new ArrayList<>();
        for (int from = 0, to = 0; from < sorted.size(); from = to) {
            do {
                to++;
            } while (to < sorted.size() && (to - from + 1) * (pupil.tokens(first, sorted.get(to).get("question")).length
                    + 2 * options.rules().rows() + FRAME_POSITIONS) <= BATCH_POSITIONS);
            batches.add(new Batch(course, sorted.subList(from, to)));
        }
        return batches;
    }

    private FrozenModel model(String agent) {
        TrainedTeam home = homes.get(agent);
        return home.model(home.plan().agent(agent));
    }

    private NDArray embedded(TeacherForcing.Lesson lesson) {
        return model(lesson.agent().id()).embed(TorchEngine.array(lesson.hidden().getManager(), lesson.next(),
                lesson.next().length));
    }

    private void score(int problems) {
        Map<String, double[]> sums = new LinkedHashMap<>(); // agent id -> sum of scores, count
        Map<String, TreeSet<Integer>> tokens = new LinkedHashMap<>();
        lessons("scores of tokens", 0, problems, (pupil, lesson) -> {
            double[] sum = sums.computeIfAbsent(lesson.agent().id(), agent -> new double[2]);
            sum[0] += TokenFeatures.score(lesson.hidden(), embedded(lesson));
            sum[1] += lesson.next().length;
            TreeSet<Integer> seen = tokens.computeIfAbsent(lesson.agent().id(), agent -> new TreeSet<>());
            Arrays.stream(lesson.next()).forEach(seen::add);
        });
        sums.forEach((agent, sum) -> features.put(agent, new TokenFeatures(model(agent), tokens.get(agent).stream()
                .mapToInt(Integer::intValue).toArray(), sum[0] / sum[1])));
    }

    private void collect() {
        lessons("teacher-forced passes", 0, options.problems(), (pupil, lesson) -> {
            String agent = lesson.agent().id();
            int width = lesson.agent().hiddenSize();
            TokenFeatures recognised = features.get(agent);
            RidgeRegression sums = inner.computeIfAbsent(agent, id -> new RidgeRegression(recognised == null ? width
                    : recognised.count() + width, width));
            sums.add(recognised == null ? lesson.hidden() : recognised.of(lesson.hidden()), embedded(lesson), null);
            TreeMap<Integer, Long> counts = used.computeIfAbsent(agent, id -> new TreeMap<>());
            Arrays.stream(lesson.next()).forEach(token -> counts.merge(token, 1L, Long::sum));
            pairs += lesson.next().length;
        });
    }

    private void fitAll() {
        Random random = new Random(options.seed());
        for (String agent : homes.keySet()) {
            if (inner.containsKey(agent)) {
                int width = width(agent);
                fitted.put(agent, written(agent, solved(agent, inner.get(agent)), width, width, width, random));
            }
        }
        for (Edge edge : edges()) {
            String id = LinkSet.outerId(edge);
            if (!fitted.containsKey(id)) {
                int in = width(edge.from());
                int out = width(edge.to());
                fitted.put(id, written(id, outer(edge, in, out), in, 2 * out, out, random));
            }
        }
    }

    private int width(String agent) {
        return homes.get(agent).plan().agent(agent).hiddenSize();
    }

    /** Those of all teams. */
    private List<Edge> edges() {
        return courses.stream().flatMap(course -> course.team().plan().edges().stream()).toList();
    }

    private ModelFolder folder(String agent) {
        TrainedTeam home = homes.get(agent);
        return home.folder(home.plan().agent(agent));
    }

    private TokenMap tokens(Edge edge) {
        return new TokenMap(edge.from(), folder(edge.from()), edge.to(), folder(edge.to()), options.rules());
    }

    private RidgeRegression.Solution outer(Edge edge, int in, int out) {
        FrozenModel to = model(edge.to());
        TokenMap map = tokens(edge);
        List<Integer> shared = used.get(edge.from()).keySet().stream().filter(token -> map.embed(token, to) != null)
                .toList();
        if (shared.isEmpty()) {
            throw new InputException(options.teamFile(), "hand-off " + edge,
                    "no token of the messages is a text of the reader", "Use agents whose tokenizers share texts");
        }
        int n = shared.size();
        float[] read = new float[n * out];
        double[] counts = new double[n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(map.embed(shared.get(i), to), 0, read, i * out, out);
            counts[i] = used.get(edge.from()).get(shared.get(i));
        }
        try (NDManager manager = TorchEngine.get().newManager(); RidgeRegression sums = new RidgeRegression(in, out)) {
            NDArray sent = model(edge.from()).embed(TorchEngine.array(manager, shared.stream().mapToInt(
                    Integer::intValue).toArray(), n));
            sums.add(sent, TorchEngine.array(manager, read, n, out), counts);
            return solved(LinkSet.outerId(edge), sums);
        }
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

    private Map<String, Double> measure(LinkFile file) {
        Map<Edge, TokenMap> tokens = new LinkedHashMap<>();
        edges().forEach(edge -> tokens.put(edge, tokens(edge)));
        Map<String, double[]> sums = new LinkedHashMap<>(); // id -> sum of cosines, count
        fitted.keySet().forEach(id -> sums.put(id, new double[2]));
        try (NDManager manager = TorchEngine.get().newManager()) {
            Map<TrainedTeam, LinkArrays> links = new LinkedHashMap<>();
            courses.forEach(course -> links.put(course.team(), new LinkArrays(LinkSet.of(course.team().plan(), file,
                    "links in closed form"), link -> false, manager)));
            lessons("measuring", options.problems(), options.problems() + options.checkProblems(), (pupil, lesson) -> {
                PlannedAgent agent = lesson.agent();
                LinkArrays arrays = links.get(pupil);
                NDArray linked = arrays.apply(agent.id(), lesson.hidden());
                enter(sums.get(agent.id()), linked, embedded(lesson));
                for (Edge edge : pupil.plan().outgoing(agent, true)) {
                    measureOuter(edge, tokens.get(edge), arrays, linked, lesson.next(), sums.get(LinkSet.outerId(edge)));
                }
            });
        }
        Map<String, Double> cosines = new LinkedHashMap<>();
        sums.forEach((id, sum) -> cosines.put(id, sum[1] == 0 ? Double.NaN : sum[0] / sum[1]));
        return cosines;
    }

    /** Only the rows whose tokens are a text of the reader count. */
    private void measureOuter(Edge edge, TokenMap map, LinkArrays arrays, NDArray linked, int[] next, double[] sum) {
        FrozenModel reader = model(edge.to());
        int[] rows = IntStream.range(0, next.length).filter(i -> map.embed(next[i], reader) != null).toArray();
        if (rows.length == 0) {
            return;
        }
        int width = width(edge.to());
        float[] read = new float[rows.length * width];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(map.embed(next[rows[i]], reader), 0, read, i * width, width);
        }
        NDManager manager = linked.getManager();
        NDArray handed = arrays.apply(LinkSet.outerId(edge), TorchEngine.rows(TorchEngine.array(manager, rows,
                rows.length), linked));
        enter(sum, handed, TorchEngine.array(manager, read, rows.length, width));
    }

    /** Adds the cosines of rows of a and b, [n, d] both; that with a row of zeros counts as 0. */
    private static void enter(double[] sum, NDArray a, NDArray b) {
        int[] last = {1};
        float[] dot = a.mul(b).sum(last).toFloatArray();
        float[] aa = a.square().sum(last).toFloatArray();
        float[] bb = b.square().sum(last).toFloatArray();
        for (int i = 0; i < dot.length; i++) {
            double lengths = (double) aa[i] * bb[i];
            sum[0] += lengths == 0 ? 0 : dot[i] / Math.sqrt(lengths);
        }
        sum[1] += dot.length;
    }

    private LinkFile file() {
        LinkFile file = new LinkFile();
        file.format = LinkFile.FORMAT;
        file.version = LinkFile.VERSION;
        file.team = team.plan().id();
        file.alsoFor = courses.size() == 1 ? null : new ArrayList<>(courses.stream().skip(1).map(course -> course.team()
                .plan().id()).toList());
        courses.forEach(course -> file.agents.putAll(course.team().digests()));
        for (String agent : homes.keySet()) {
            if (fitted.containsKey(agent)) {
                file.links.add(fitted.get(agent).encode("inner", agent, agent));
            }
        }
        for (Edge edge : edges()) {
            String id = LinkSet.outerId(edge);
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
        return file;
    }
}
