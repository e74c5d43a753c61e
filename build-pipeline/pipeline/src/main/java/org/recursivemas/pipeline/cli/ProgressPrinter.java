package org.recursivemas.pipeline.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.recursivemas.pipeline.Progress;

/** Prints how far the work is and how long it will take: at most once in five seconds, and at the end of each piece. */
final class ProgressPrinter implements Progress {
    private static final long INTERVAL_NANOS = 5_000_000_000L;

    private final PrintWriter out;
    private String what;
    private long start;
    private long printed;

    ProgressPrinter(PrintWriter out) {
        this.out = out;
    }

    @Override
    public synchronized void update(String newWhat, long done, long total) {
        long now = System.nanoTime();
        if (!newWhat.equals(what)) {
            what = newWhat;
            start = now;
            printed = now;
        }
        if (done == total) {
            out.printf(Locale.ROOT, "%s: %d in %s%n", what, total, time((now - start) / 1e9));
        } else if (now - printed >= INTERVAL_NANOS) {
            printed = now;
            double left = (now - start) / 1e9 / done * (total - done);
            out.printf(Locale.ROOT, "%s: %d of %d, %s left%n", what, done, total, time(left));
        } else {
            return;
        }
        out.flush();
    }

    private static String time(double seconds) {
        return seconds < 100 ? String.format(Locale.ROOT, "%.0f s", seconds)
                : String.format(Locale.ROOT, "%.1f min", seconds / 60);
    }
}
