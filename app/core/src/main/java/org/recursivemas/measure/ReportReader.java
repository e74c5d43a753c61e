package org.recursivemas.measure;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.AnswerReport;
import org.recursivemas.data.CandidateReport;
import org.recursivemas.data.InsideBlock;
import org.recursivemas.data.InsideGrid;
import org.recursivemas.data.InsideReport;
import org.recursivemas.data.InsideTokens;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.ToolCallReport;
import org.recursivemas.playground.RunRequest;

/** Reads reports of runs that were exported, or kept. */
public final class ReportReader {
    private static final int MAX_MODES = 100;

    private ReportReader() {
    }

    /**
     * @param tree the parsed report
     * @param file where it comes from, for messages
     * @throws FormatException naming the field that does not fit
     */
    public static RunReport read(Object tree, String file) {
        Fields fields = Fields.of(tree, file, RunReport.FORMAT, RunReport.VERSION);
        RunReport report = new RunReport();
        report.team = fields.optional("team");
        report.problem = fields.text("problem");
        report.expected = fields.optional("expected");
        report.temperature = fields.number("temperature");
        report.seed = fields.whole("seed", 0, Integer.MAX_VALUE);
        report.topP = fields.number("top_p", RunRequest.TOP_P);
        report.answers = fields.has("answers") ? fields.whole("answers", 1, RunRequest.MOST_ANSWERS) : 1;
        report.search = fields.optional("search");
        report.systems = fields.map("systems");
        report.links = fields.optionalMap("links");
        report.artifacts = fields.map("artifacts");
        report.environment = fields.map("environment");
        List<Fields> modes = fields.objects("modes");
        if (modes.size() > MAX_MODES) {
            throw fields.fault("modes", "holds " + modes.size() + " runs, more than " + MAX_MODES);
        }
        for (Fields mode : modes) {
            report.modes.add(mode(mode));
        }
        return report;
    }

    private static ModeReport mode(Fields fields) {
        ModeReport mode = new ModeReport();
        mode.mode = fields.text("mode");
        mode.rounds = fields.whole("rounds", 1, Setting.MAX_ROUNDS);
        mode.latentSteps = fields.whole("latent_steps", 0, Setting.MAX_LATENT_STEPS);
        mode.mostRounds = fields.has("most_rounds") ? fields.whole("most_rounds", 0, Setting.MAX_ROUNDS) : 0;
        mode.stopEarly = fields.number("stop_early", 0);
        if (!(mode.stopEarly >= 0 && mode.stopEarly <= 1) || mode.stopEarly > 0 && mode.mostRounds < mode.rounds) {
            throw fields.fault("stop_early", "is " + mode.stopEarly + " with " + mode.rounds + " of at most "
                    + mode.mostRounds + " rounds");
        }
        mode.retrieval = fields.has("retrieval") ? fields.whole("retrieval", 0, RunRequest.MOST_RETRIEVED) : 0;
        mode.agreements = fields.has("agreements") ? fields.numbers("agreements") : new double[0];
        try {
            Setting.of(mode);
        } catch (IllegalArgumentException e) {
            throw fields.fault("mode", e.getMessage());
        }
        mode.text = fields.text("text");
        mode.answer = fields.text("answer");
        for (Fields answer : fields.optionalObjects("answers")) {
            mode.answers.add(answer(answer));
        }
        mode.correct = fields.optionalFlag("correct");
        mode.finish = fields.text("finish");
        mode.decodedTokens = fields.count("decoded_tokens");
        mode.latentStepsTotal = fields.count("latent_steps_total");
        mode.promptPositions = fields.count("prompt_positions");
        mode.positions = fields.count("positions");
        mode.millis = fields.number("millis");
        mode.linkMillis = fields.number("link_millis");
        mode.stages = new ArrayList<>();
        for (Fields stage : fields.objects("stages")) {
            mode.stages.add(stage(stage));
        }
        Fields inside = fields.optionalObject("inside");
        mode.inside = inside == null ? null : inside(inside);
        return mode;
    }

    private static AnswerReport answer(Fields fields) {
        AnswerReport answer = new AnswerReport();
        answer.seed = fields.count("seed");
        answer.text = fields.text("text");
        answer.answer = fields.text("answer");
        answer.finish = fields.text("finish");
        answer.decodedTokens = fields.count("decoded_tokens");
        answer.toolCalls = toolCalls(fields);
        return answer;
    }

    private static StageReport stage(Fields fields) {
        StageReport stage = new StageReport();
        stage.agent = fields.text("agent");
        stage.round = fields.whole("round", 1, Setting.MAX_ROUNDS);
        stage.kind = fields.text("kind");
        stage.promptPositions = fields.count("prompt_positions");
        stage.latentRowsIn = fields.count("latent_rows_in");
        stage.latentSteps = fields.count("latent_steps");
        stage.decodedTokens = fields.count("decoded_tokens");
        stage.positions = fields.count("positions");
        stage.millis = fields.number("millis");
        stage.hiddenNorms = fields.numbers("hidden_norms");
        stage.finite = fields.flag("finite");
        stage.text = fields.optional("text");
        stage.toolCalls = toolCalls(fields);
        for (Fields candidate : fields.optionalObjects("candidates")) {
            stage.candidates.add(candidate(candidate));
        }
        return stage;
    }

    private static CandidateReport candidate(Fields fields) {
        CandidateReport candidate = new CandidateReport();
        candidate.slot = fields.text("slot");
        candidate.from = fields.text("from");
        candidate.round = fields.whole("round", 1, Setting.MAX_ROUNDS);
        candidate.score = fields.number("score");
        candidate.chosen = fields.flag("chosen");
        return candidate;
    }

    private static List<ToolCallReport> toolCalls(Fields fields) {
        List<ToolCallReport> calls = new ArrayList<>();
        for (Fields read : fields.optionalObjects("tool_calls")) {
            ToolCallReport call = new ToolCallReport();
            call.tool = read.text("tool");
            call.input = read.text("input");
            call.source = read.optional("source");
            call.result = read.text("result");
            call.failed = read.flag("failed");
            call.millis = read.number("millis");
            calls.add(call);
        }
        return calls;
    }

    private static InsideReport inside(Fields fields) {
        InsideReport inside = new InsideReport();
        inside.keptBytes = fields.number("kept_bytes");
        for (Fields block : fields.objects("blocks")) {
            inside.blocks.add(block(block));
        }
        for (Fields grid : fields.objects("grids")) {
            inside.grids.add(grid(grid));
        }
        return inside;
    }

    private static InsideGrid grid(Fields fields) {
        InsideGrid grid = new InsideGrid();
        grid.agent = fields.text("agent");
        grid.rounds = fields.whole("rounds", 1, Setting.MAX_ROUNDS);
        grid.steps = fields.whole("steps", 1, Setting.MAX_LATENT_STEPS);
        grid.stride = fields.whole("stride", 1, Setting.MAX_LATENT_STEPS);
        grid.cosines = fields.numbers("cosines");
        int rows = grid.rounds * grid.steps;
        if (grid.cosines.length != rows * rows) {
            throw fields.fault("cosines", "holds " + grid.cosines.length + " numbers, not " + rows * rows);
        }
        return grid;
    }

    private static InsideBlock block(Fields fields) {
        InsideBlock block = new InsideBlock();
        block.agent = fields.text("agent");
        block.round = fields.whole("round", 1, Setting.MAX_ROUNDS);
        block.kind = fields.text("kind");
        block.reader = fields.text("reader");
        block.norms = fields.numbers("norms");
        block.stepCosines = fields.numbers("step_cosines");
        block.roundCosines = fields.numbers("round_cosines");
        block.pathX = fields.numbers("path_x");
        block.pathY = fields.numbers("path_y");
        block.explained = fields.numbers("explained");
        block.embeddingNorm = fields.number("embedding_norm");
        for (Fields tokens : fields.objects("tokens")) {
            InsideTokens read = new InsideTokens();
            read.texts = tokens.texts("texts");
            read.scores = tokens.numbers("scores");
            block.tokens.add(read);
        }
        block.collapsed = fields.flag("collapsed");
        block.farNorm = fields.flag("far_norm");
        return block;
    }
}
