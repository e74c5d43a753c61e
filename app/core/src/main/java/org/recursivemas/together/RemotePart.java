package org.recursivemas.together;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.playground.EnginePort;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.Messages;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.Schedule;
import org.recursivemas.team.TeamPart;

/** Agents played in a worker of their own, as the page sees them. */
public final class RemotePart implements Part, EnginePort.Receiver {
    private final EnginePort.Opener opener;
    private final Messages.Start start = new Messages.Start();
    private final Messages.Open team = new Messages.Open();
    private final Map<Integer, Working> tasks = new HashMap<>();
    private EnginePort port;
    private Messages.PartLoad wanted;
    private Loading loading;
    private Failure lost;
    private int lastTask;

    /**
     * @param base absolute address of the folder of the page's scripts
     * @param page version of the page's own script
     * @param url absolute address of the team file
     * @param json the team file
     */
    public RemotePart(EnginePort.Opener opener, String base, String page, String url, String json) {
        this.opener = opener;
        start.base = base;
        start.page = page;
        team.url = url;
        team.json = json;
    }

    @Override
    public void load(List<String> agents, Loading listener) {
        loading = listener;
        wanted = new Messages.PartLoad();
        wanted.task = ++lastTask;
        wanted.agents.addAll(agents);
        try {
            port = opener.open(this);
        } catch (RuntimeException e) {
            lost(Failure.of(Failure.WORKER_LOST, "The models' worker could not be started (" + e.getMessage() + ").",
                    "Reload the page, or use a current version of the browser."));
        }
    }

    @Override
    public void work(RunRequest request, Schedule.Visit visit, Map<String, LatentBlock> slots, Working working) {
        if (lost != null) {
            working.failed(lost);
            return;
        }
        Messages.PartWork work = Messages.PartWork.of(++lastTask, request);
        work.visit = visit.index();
        float[][] blocks = new float[slots.size()][];
        slots.forEach((name, block) -> {
            blocks[work.slots.size()] = block.values();
            work.slots.add(head(name, block));
        });
        work.blocks(blocks);
        tasks.put(lastTask, working);
        port.post(work);
    }

    /** What is said of a block beside its numbers. */
    public static Messages.BlockHead head(String name, LatentBlock block) {
        Messages.BlockHead head = new Messages.BlockHead();
        head.name = name;
        head.rows = block.rows();
        head.width = block.width();
        return head;
    }

    @Override
    public void stop() {
        if (port != null && lost == null) {
            port.post(new Messages.Stop());
        }
    }

    @Override
    public void close() {
        tasks.clear();
        if (port != null) {
            port.close();
            port = null;
        }
    }

    @Override
    public void received(Messages.Message message) {
        if (message instanceof Messages.Started started) {
            started(started);
        } else if (message instanceof Messages.Progress progress) {
            loading.progress(progress.agent, progress.fraction, progress.text);
        } else if (message instanceof Messages.PartReady) {
            loading.ready();
        } else if (message instanceof Messages.Text text) {
            tasks.values().forEach(working -> working.text(text.text, text.tokens));
        } else if (message instanceof Messages.PartDone done) {
            Working working = tasks.remove(done.task);
            if (working != null) {
                working.done(result(done));
            }
        } else if (message instanceof Messages.Ended ended) {
            ended(ended);
        } else if (message instanceof Messages.Lost gone) {
            lost(gone.failure);
        } else {
            throw new IllegalArgumentException("the worker sent a message for others: " + message.getClass());
        }
    }

    private void started(Messages.Started started) {
        if (started.version != Messages.VERSION) {
            lost(Failure.of(Failure.WORKER_LOST, "The page and the worker's script engine.js do not belong together.",
                    "Reload the page; if that does not help, the site was not copied as a whole."));
        } else if (started.unavailable != null) {
            lost(Failure.of(Failure.STATE, started.unavailable, ""));
        } else {
            port.post(start);
            port.post(team);
            port.post(wanted);
        }
    }

    private void ended(Messages.Ended ended) {
        if (ended.task == wanted.task) {
            loading.failed(ended.failure);
            return;
        }
        Working working = tasks.remove(ended.task);
        if (working != null) {
            working.failed(ended.failure);
        }
    }

    private static TeamPart.Result result(Messages.PartDone done) {
        TeamPart.Result result = new TeamPart.Result();
        result.stage = done.stage;
        result.linkMillis = done.linkMillis;
        result.finish = done.finish;
        result.answer = done.answer;
        result.answers.addAll(done.answers);
        for (int i = 0; i < done.messages.size(); i++) {
            Messages.BlockHead head = done.messages.get(i);
            result.messages.put(Integer.parseInt(head.name), new LatentBlock(head.rows, head.width, done.blocks()[i]));
        }
        return result;
    }

    @Override
    public void lost(Failure failure) {
        boolean working = !tasks.isEmpty();
        lost = Failure.of(failure.code, failure.message, "Leave the room and join again.");
        Map<Integer, Working> open = new HashMap<>(tasks);
        tasks.clear();
        open.values().forEach(task -> task.failed(lost));
        if (!working) {
            loading.failed(lost);
        }
        close();
    }
}
