package org.recursivemas.app;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.bridge.KeptFiles;
import org.recursivemas.engine.StopSwitch;
import org.recursivemas.playground.EnginePort;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.Messages;
import org.recursivemas.team.Cancelled;
import org.recursivemas.team.Schedule;
import org.recursivemas.team.TeamListener;
import org.recursivemas.team.TeamPart;
import org.recursivemas.team.TeamPlan;
import org.recursivemas.together.LatentBlock;
import org.recursivemas.together.RemotePart;

/** The worker that plays some agents of a team. One thing at a time, in the order in which it was asked. */
final class PartWorker implements EnginePort.Receiver {
    private final EnginePort port;
    private final FlavourCodec codec;
    private final List<Runnable> queue = new ArrayList<>();
    /** Switches of what has been asked and is not done. */
    private final List<StopSwitch> stops = new ArrayList<>();
    private boolean working;
    private Scripts scripts;
    private TeamFiles files;
    private LoadedTeam loaded;

    /** @param unavailable why no models can run in this worker, or null */
    PartWorker(EnginePort port, String unavailable, FlavourCodec codec) {
        this.port = port;
        this.codec = codec;
        Messages.Started started = new Messages.Started();
        started.unavailable = unavailable;
        port.post(started);
    }

    @Override
    public void received(Messages.Message message) {
        if (message instanceof Messages.Start start) {
            scripts = new Scripts(start.base, start.page);
        } else if (message instanceof Messages.Open open) {
            files = TeamFiles.of(open.url, open.json, codec, new KeptFiles());
        } else if (message instanceof Messages.PartLoad load) {
            queue(load.task, stop -> load(load, stop));
        } else if (message instanceof Messages.PartWork work) {
            queue(work.run.task, stop -> work(work, stop));
        } else if (message instanceof Messages.Stop) {
            stops.forEach(StopSwitch::stop);
        } else {
            throw new IllegalArgumentException("the page sent a message for others: " + message.getClass());
        }
    }

    /** A page does not crash and leave its worker. */
    @Override
    public void lost(Failure failure) {
        throw new IllegalStateException(failure.message);
    }

    /** Something that takes time. */
    private interface Task {
        void run(StopSwitch stop);
    }

    private void queue(int number, Task task) {
        StopSwitch stop = new StopSwitch();
        stops.add(stop);
        queue.add(() -> {
            try {
                task.run(stop);
            } catch (Cancelled e) {
                end(number, Failure.of(Failure.STATE, "It was stopped.", ""));
            } catch (Throwable t) {
                end(number, Failure.of(t));
            }
            stops.remove(stop);
        });
        if (!working) {
            working = true;
            new Thread(() -> {
                while (!queue.isEmpty()) {
                    queue.remove(0).run();
                }
                working = false;
            }).start();
        }
    }

    private void end(int task, Failure failure) {
        Messages.Ended ended = new Messages.Ended();
        ended.task = task;
        ended.failure = failure;
        port.post(ended);
    }

    private void load(Messages.PartLoad load, StopSwitch stop) {
        loaded = LoadedTeam.loadPart(files, codec, scripts, load.agents, this::progress, stop);
        loaded.setLostListener(failure -> {
            Messages.Lost lost = new Messages.Lost();
            lost.failure = Failure.of(failure);
            port.post(lost);
        });
        Messages.PartReady ready = new Messages.PartReady();
        ready.task = load.task;
        port.post(ready);
    }

    private void progress(String agent, double fraction, String text) {
        Messages.Progress progress = new Messages.Progress();
        progress.agent = agent;
        progress.fraction = fraction;
        progress.text = text;
        port.post(progress);
    }

    private void work(Messages.PartWork work, StopSwitch stop) {
        Map<String, LatentBlock> slots = new HashMap<>();
        for (int i = 0; i < work.slots.size(); i++) {
            Messages.BlockHead head = work.slots.get(i);
            slots.put(head.name, new LatentBlock(head.rows, head.width, work.blocks()[i]));
        }
        Schedule.Visit visit = new Schedule(TeamPlan.of(files.team(), files.url()), work.run.rounds).visits()
                .get(work.visit);
        TeamPart.Result result = loaded.part().work(work.run.request(), visit, slots, new TeamListener() {
            @Override
            public void onText(String mode, String textSoFar, int decodedTokens) {
                Messages.Text text = new Messages.Text();
                text.mode = mode;
                text.text = textSoFar;
                text.tokens = decodedTokens;
                port.post(text);
            }
        }, new WebLlmEngine.YieldingControl(stop));
        Messages.PartDone done = new Messages.PartDone();
        done.task = work.run.task;
        done.stage = result.stage;
        done.linkMillis = result.linkMillis;
        done.finish = result.finish;
        done.answer = result.answer;
        done.answers.addAll(result.answers);
        float[][] blocks = new float[result.messages.size()][];
        result.messages.forEach((edge, block) -> {
            blocks[done.messages.size()] = block.values();
            done.messages.add(RemotePart.head(Integer.toString(edge), block));
        });
        done.blocks(blocks);
        port.post(done);
    }
}
