package org.recursivemas.app;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.bridge.KeptFiles;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.Team;
import org.recursivemas.json.JsonCodec;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.Playground;
import org.recursivemas.playground.PlaygroundListener;
import org.recursivemas.playground.RemoteEngine;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.playground.TeamEngine;
import org.recursivemas.tasks.StoryProblem;
import org.recursivemas.tasks.StoryProblemGenerator;
import org.recursivemas.tasks.TaskSplit;

/**
 * The playground in the page: reads team files, makes problems, and has everything that needs the models done by the
 * engine in the worker.
 */
final class BrowserPlayground implements Playground {
    private final JsonCodec codec;
    private final RemoteEngine engine;
    private final List<Runnable> waiting = new ArrayList<>();
    private PlaygroundListener listener;
    private Team team;
    /** Files of the open team; null while there is none. */
    private TeamFiles files;
    /** As the address of the team gave them. */
    private TeamFiles original;
    private String teamUrl;
    private Failure openFault;
    private Activity current;

    /** One load or run, or the reading of a team file. */
    private static final class Activity {
        private boolean stopped;
    }

    BrowserPlayground(JsonCodec codec, RemoteEngine engine) {
        this.codec = codec;
        this.engine = engine;
    }

    @Override
    public void setListener(PlaygroundListener newListener) {
        listener = newListener;
        engine.setListener(newListener);
    }

    @Override
    public String unavailableReason() {
        String here = Web.unavailableReason();
        return here != null ? here : engine.unavailable();
    }

    @Override
    public void open(String url) {
        requireIdle();
        teamUrl = url;
        team = null;
        files = null;
        openFault = null;
        Activity activity = begin();
        new Thread(() -> {
            try {
                TeamFiles read = TeamFiles.fetch(url, codec);
                end(activity);
                engine.open(read.url(), read.json(), List.of());
                files = read;
                original = read;
                team = read.team();
            } catch (RuntimeException e) {
                end(activity);
                openFault = Failure.of(e);
                listener.onError(openFault);
                settle();
                return;
            }
            tell(files.kept());
            listener.onTeam(team);
            if (unavailableReason() == null) {
                engine.start();   // its script is there when the first model is wanted
            }
            settle();
        }).start();
    }

    private void tell(KeptFiles kept) {
        String note = kept.takeNote();
        if (note != null) {
            listener.onNote(note);
        }
    }

    @Override
    public String teamText() {
        return files == null ? null : files.json();
    }

    @Override
    public void openText(String text) {
        requireIdle();
        requireTeam();
        TeamFiles read = TeamFiles.of(files.url(), text, codec, files.kept());
        engine.open(read.url(), read.json(), otherModels(read));
        files = read;
        team = read.team();
        listener.onTeam(team);
    }

    /** Agents of {@code changed} that run another model than in the team file at its address. */
    private List<String> otherModels(TeamFiles changed) {
        List<String> others = new ArrayList<>();
        for (AgentSpec agent : changed.team().agents) {
            boolean same = original.team().agents.stream().anyMatch(known -> known.id.equals(agent.id)
                    && original.resolve(known.model).equals(changed.resolve(agent.model)));
            if (!same) {
                others.add(agent.id);
            }
        }
        return others;
    }

    private void settle() {
        List<Runnable> ready = new ArrayList<>(waiting);
        waiting.clear();
        ready.forEach(Runnable::run);
    }

    /** Calls {@code action} once a team file has been read or refused: at once when that is so already. */
    void whenOpened(Runnable action) {
        if (team != null || openFault != null) {
            action.run();
        } else {
            waiting.add(action);
        }
    }

    @Override
    public void load() {
        load(false);
    }

    @Override
    public void repair() {
        load(true);
    }

    private void load(boolean repairing) {
        requireIdle();
        requireTeam();
        Activity activity = begin();
        TeamEngine.Outcome outcome = (report, failure) -> {
            end(activity);
            listener.onIdle();
        };
        if (repairing) {
            engine.repair(outcome);
        } else {
            engine.load(outcome);
        }
    }

    @Override
    public void run(RunRequest request) {
        run(request, (report, failure) -> { });
    }

    /** Runs {@code request}; the listener hears everything, {@code outcome} the end. */
    void run(RunRequest request, TeamEngine.Outcome outcome) {
        requireIdle();
        requireTeam();
        Activity activity = begin();
        engine.run(request, (report, failure) -> {
            end(activity);
            if (report != null) {
                Automation.lastReport(codec.write(report));
            }
            outcome.ended(report, failure);
            listener.onIdle();
        });
    }

    @Override
    public void stop() {
        if (current != null) {
            current.stopped = true;
        }
        engine.stop();
    }

    @Override
    public void proceed(boolean toTheEnd) {
        engine.proceed(toTheEnd);
    }

    @Override
    public void restart() {
        engine.restart();
    }

    @Override
    public Problem newProblem(int seed) {
        StoryProblem problem = new StoryProblemGenerator(seed, TaskSplit.HELD_OUT).next();
        return new Problem(problem.question(), problem.answer());
    }

    @Override
    public Team team() {
        return team;
    }

    /** Address of the team opened last, relative to the page, or null. */
    String teamUrl() {
        return teamUrl;
    }

    private void requireIdle() {
        if (current != null && !current.stopped) {
            throw new IllegalStateException("something is loading or running already; stop it first");
        }
    }

    void requireTeam() {
        if (openFault != null) {
            throw openFault.toException();
        }
        if (team == null) {
            throw new IllegalStateException("no team is open; check the address of the team file");
        }
    }

    private Activity begin() {
        current = new Activity();
        return current;
    }

    private void end(Activity activity) {
        if (current == activity) {
            current = null;
        }
    }
}
