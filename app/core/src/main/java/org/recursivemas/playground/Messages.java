package org.recursivemas.playground;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.AnswerReport;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.team.LinkIndex;
import org.teavm.flavour.json.JsonPersistable;

/**
 * Everything that page and worker say to each other, as JSON objects whose field {@code type} names the class.
 *
 * <p>The worker speaks first: {@link Started}. The page sends {@link Start}, then {@link Open}, {@link Load}, {@link Run}
 * and {@link Stop} as it likes. The worker does one thing after the other, tells of each as it goes and closes it with
 * one {@link Ended}. Whatever belongs to a load or run is told between its beginning and its {@code Ended}.
 */
public final class Messages {
    /** Goes up with every change of a message; page and worker must be of the same. */
    public static final int VERSION = 7;

    private Messages() {
    }

    /** Any message. */
    @JsonPersistable
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.PROPERTY, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(Start.class), @JsonSubTypes.Type(Open.class), @JsonSubTypes.Type(Load.class),
        @JsonSubTypes.Type(Run.class), @JsonSubTypes.Type(Stop.class), @JsonSubTypes.Type(Started.class),
        @JsonSubTypes.Type(Progress.class), @JsonSubTypes.Type(Ready.class), @JsonSubTypes.Type(ModeStart.class),
        @JsonSubTypes.Type(StageStart.class), @JsonSubTypes.Type(StageEnd.class), @JsonSubTypes.Type(Norms.class),
        @JsonSubTypes.Type(Text.class), @JsonSubTypes.Type(ModeEnd.class), @JsonSubTypes.Type(RunEnd.class),
        @JsonSubTypes.Type(Partial.class), @JsonSubTypes.Type(Failed.class), @JsonSubTypes.Type(Lost.class),
        @JsonSubTypes.Type(Proceed.class), @JsonSubTypes.Type(Halted.class), @JsonSubTypes.Type(Ended.class),
        @JsonSubTypes.Type(PartLoad.class), @JsonSubTypes.Type(PartReady.class), @JsonSubTypes.Type(PartWork.class),
        @JsonSubTypes.Type(PartDone.class), @JsonSubTypes.Type(Links.class), @JsonSubTypes.Type(Note.class)})
    public abstract static class Message {
        private float[][] blocks = {};

        /** Numbers that go beside the JSON, as buffers that change hands. */
        public float[][] blocks() {
            return blocks;
        }

        public void blocks(float[][] numbers) {
            blocks = numbers;
        }
    }

    /** Shape and name of one of {@link Message#blocks}. */
    @JsonPersistable
    public static class BlockHead {
        @JsonProperty public String name;
        @JsonProperty public int rows;
        @JsonProperty public int width;
    }

    /** To a worker that plays some agents of a team: load these. Answered by {@link PartReady} or {@link Ended}. */
    @JsonPersistable
    @JsonTypeName("part-load")
    public static class PartLoad extends Message {
        @JsonProperty public int task;
        @JsonProperty public List<String> agents = new ArrayList<>();
    }

    /** From such a worker: its agents are loaded. */
    @JsonPersistable
    @JsonTypeName("part-ready")
    public static class PartReady extends Message {
        @JsonProperty public int task;
    }

    /** To such a worker: do a visit. The blocks are the messages for its slots. */
    @JsonPersistable
    @JsonTypeName("part-work")
    public static class PartWork extends Message {
        @JsonProperty public Run run;
        /** Index of the visit in the run's schedule. */
        @JsonProperty public int visit;
        /** By name of the slot. */
        @JsonProperty public List<BlockHead> slots = new ArrayList<>();

        public static PartWork of(int task, RunRequest request) {
            PartWork work = new PartWork();
            work.run = Run.of(task, request);
            return work;
        }
    }

    /** From such a worker: a visit is done. The blocks are its messages. */
    @JsonPersistable
    @JsonTypeName("part-done")
    public static class PartDone extends Message {
        @JsonProperty public int task;
        @JsonProperty public StageReport stage;
        @JsonProperty("link_millis") public double linkMillis;
        /** {@code "stop"}, {@code "length"} or null. */
        @JsonProperty public String finish;
        @JsonProperty public String answer;
        /** {@link org.recursivemas.team.TeamPart.Result#answers}. */
        @JsonProperty public List<AnswerReport> answers = new ArrayList<>();
        /** By index of the edge in the team's plan. */
        @JsonProperty public List<BlockHead> messages = new ArrayList<>();
    }

    /** To the worker: what it needs to know of the page. */
    @JsonPersistable
    @JsonTypeName("start")
    public static class Start extends Message {
        /** {@link Messages#VERSION} of the page. */
        @JsonProperty public int version = VERSION;
        /** Absolute address of the folder of the page's scripts. */
        @JsonProperty public String base;
        /** Version of the page's own script. */
        @JsonProperty public String page;
    }

    /** To the worker: {@link TeamEngine#open}. */
    @JsonPersistable
    @JsonTypeName("open")
    public static class Open extends Message {
        @JsonProperty public String url;
        @JsonProperty public String json;
        @JsonProperty("other_models") public List<String> otherModels = new ArrayList<>();
    }

    /** {@link LinkIndex.Head}. */
    @JsonPersistable
    public static class LinkHead {
        @JsonProperty public String kind;
        @JsonProperty public String from;
        @JsonProperty public String to;
        @JsonProperty("in_width") public int inWidth;
        @JsonProperty("out_width") public int outWidth;
    }

    /** From the worker: {@link EngineListener#onLinks}. */
    @JsonPersistable
    @JsonTypeName("links")
    public static class Links extends Message {
        /** Id of the team that the links were made for; null without a link file. */
        @JsonProperty public String team;
        @JsonProperty("also_for") public List<String> alsoFor = new ArrayList<>();
        @JsonProperty public List<LinkHead> links = new ArrayList<>();
        /** Agents that run another model than the one that the links were made for. */
        @JsonProperty public List<String> strangers = new ArrayList<>();
        /** Why the link file could not be read, or null. */
        @JsonProperty public String fault;

        /** @param index null when the file could not be read */
        static Links of(LinkIndex index) {
            Links links = new Links();
            if (index == null) {
                return links;
            }
            links.team = index.team();
            links.alsoFor.addAll(index.alsoFor());
            links.strangers.addAll(index.strangers());
            for (LinkIndex.Head head : index.heads()) {
                LinkHead sent = new LinkHead();
                sent.kind = head.kind();
                sent.from = head.from();
                sent.to = head.to();
                sent.inWidth = head.inWidth();
                sent.outWidth = head.outWidth();
                links.links.add(sent);
            }
            return links;
        }

        /** The index, or null when the file could not be read. */
        LinkIndex index() {
            List<LinkIndex.Head> heads = new ArrayList<>();
            links.forEach(head -> heads.add(new LinkIndex.Head(head.kind, head.from, head.to, head.inWidth, head.outWidth)));
            return fault != null ? null : new LinkIndex(team, alsoFor, heads, strangers);
        }
    }

    /** To the worker: {@link TeamEngine#load} or {@link TeamEngine#repair}. */
    @JsonPersistable
    @JsonTypeName("load")
    public static class Load extends Message {
        /** Comes back in {@link Ended}. */
        @JsonProperty public int task;
        @JsonProperty public boolean repair;
    }

    /** To the worker: {@link TeamEngine#run}; the fields are those of {@link RunRequest}. */
    @JsonPersistable
    @JsonTypeName("run")
    public static class Run extends Message {
        /** Comes back in {@link Ended}. */
        @JsonProperty public int task;
        @JsonProperty public String problem;
        @JsonProperty public String expected;
        @JsonProperty public int rounds;
        @JsonProperty("latent_steps") public int latentSteps;
        @JsonProperty public double temperature;
        @JsonProperty public int seed;
        @JsonProperty public List<String> modes = new ArrayList<>();
        @JsonProperty public Map<String, String> systems = new LinkedHashMap<>();
        @JsonProperty public Map<String, String> links = new LinkedHashMap<>();
        @JsonProperty("see_inside") public boolean seeInside;
        @JsonProperty("top_p") public double topP;
        @JsonProperty public int answers;
        @JsonProperty public boolean stepwise;
        @JsonProperty public String search;
        @JsonProperty("stop_early") public double stopEarly;
        @JsonProperty public int retrieval;

        public static Run of(int task, RunRequest request) {
            Run run = new Run();
            run.task = task;
            run.problem = request.problem();
            run.expected = request.expected();
            run.rounds = request.rounds();
            run.latentSteps = request.latentSteps();
            run.temperature = request.temperature();
            run.seed = request.seed();
            run.modes.addAll(request.modes());
            run.systems.putAll(request.systems());
            run.links.putAll(request.links());
            run.seeInside = request.seeInside();
            run.topP = request.topP();
            run.answers = request.answers();
            run.stepwise = request.stepwise();
            run.search = request.search();
            run.stopEarly = request.stopEarly();
            run.retrieval = request.retrieval();
            return run;
        }

        /** @throws IllegalArgumentException when a value is out of range */
        public RunRequest request() {
            return new RunRequest(problem, expected, rounds, latentSteps, temperature, seed, modes, systems)
                    .withLinks(links).seeingInside(seeInside).sampling(topP, answers).stepwise(stepwise)
                    .searching(search).stoppingEarly(stopEarly).retrieving(retrieval);
        }
    }

    /** To the worker: {@link TeamEngine#stop}. */
    @JsonPersistable
    @JsonTypeName("stop")
    public static class Stop extends Message {
    }

    /** To the worker: {@link TeamEngine#proceed}. */
    @JsonPersistable
    @JsonTypeName("proceed")
    public static class Proceed extends Message {
        @JsonProperty("to_the_end") public boolean toTheEnd;
    }

    /** From the worker: {@link EngineListener#onHalt}. */
    @JsonPersistable
    @JsonTypeName("halted")
    public static class Halted extends Message {
        @JsonProperty public String mode;
        @JsonProperty public String agent;
        @JsonProperty public int round;
        @JsonProperty public String kind;
    }

    /** From the worker, once: it is up. */
    @JsonPersistable
    @JsonTypeName("started")
    public static class Started extends Message {
        /** {@link Messages#VERSION} of the worker. */
        @JsonProperty public int version = VERSION;
        /** {@link EngineListener#onStarted}. */
        @JsonProperty public String unavailable;
    }

    /** From the worker: {@link EngineListener#onLoadProgress}. */
    @JsonPersistable
    @JsonTypeName("progress")
    public static class Progress extends Message {
        @JsonProperty public String agent;
        @JsonProperty public double fraction;
        @JsonProperty public String text;
    }

    /** From the worker: {@link EngineListener#onNote}. */
    @JsonPersistable
    @JsonTypeName("note")
    public static class Note extends Message {
        @JsonProperty public String text;
    }

    /** From the worker: {@link EngineListener#onReady}. */
    @JsonPersistable
    @JsonTypeName("ready")
    public static class Ready extends Message {
        @JsonProperty public double millis;
    }

    /** From the worker: {@link EngineListener#onModeStart}. */
    @JsonPersistable
    @JsonTypeName("mode-start")
    public static class ModeStart extends Message {
        @JsonProperty public String mode;
    }

    /** From the worker: {@link EngineListener#onStageStart}. */
    @JsonPersistable
    @JsonTypeName("stage-start")
    public static class StageStart extends Message {
        @JsonProperty public String mode;
        @JsonProperty public String agent;
        @JsonProperty public int round;
        @JsonProperty public String kind;
    }

    /** From the worker: {@link EngineListener#onStageEnd}. */
    @JsonPersistable
    @JsonTypeName("stage-end")
    public static class StageEnd extends Message {
        @JsonProperty public String mode;
        @JsonProperty public StageReport stage;
    }

    /** From the worker: what was read from the GPU only after the stage had ended. */
    @JsonPersistable
    @JsonTypeName("norms")
    public static class Norms extends Message {
        /** 0-based, in the present mode. */
        @JsonProperty public int stage;
        /** {@link StageReport#hiddenNorms}. */
        @JsonProperty public double[] norms = {};
        /** {@link StageReport#finite}. */
        @JsonProperty public boolean finite;
    }

    /** From the worker: {@link EngineListener#onText}. */
    @JsonPersistable
    @JsonTypeName("text")
    public static class Text extends Message {
        @JsonProperty public String mode;
        @JsonProperty public String text;
        @JsonProperty public int tokens;
    }

    /** From the worker: {@link EngineListener#onModeEnd}. */
    @JsonPersistable
    @JsonTypeName("mode-end")
    public static class ModeEnd extends Message {
        @JsonProperty public String mode;
        @JsonProperty public ModeReport report;
    }

    /** From the worker: {@link EngineListener#onRunEnd}. */
    @JsonPersistable
    @JsonTypeName("run-end")
    public static class RunEnd extends Message {
        @JsonProperty public RunReport report;
        @JsonProperty public boolean stopped;
    }

    /** From the worker: {@link EngineListener#onPartialReport}. */
    @JsonPersistable
    @JsonTypeName("partial")
    public static class Partial extends Message {
        @JsonProperty public RunReport report;
    }

    /** From the worker: {@link EngineListener#onError}. */
    @JsonPersistable
    @JsonTypeName("failed")
    public static class Failed extends Message {
        @JsonProperty public Failure failure;
    }

    /** From the worker: {@link EngineListener#onLost}. */
    @JsonPersistable
    @JsonTypeName("lost")
    public static class Lost extends Message {
        @JsonProperty public Failure failure;
    }

    /** From the worker: a load or run is over. Its report, if any, came before. */
    @JsonPersistable
    @JsonTypeName("ended")
    public static class Ended extends Message {
        @JsonProperty public int task;
        /** Why it failed, or null. */
        @JsonProperty public Failure failure;
    }
}
