package org.recursivemas.engine;

/**
 * Collects L2 norm and finiteness of hidden states as the run goes, on the device, and reads them in one go afterwards.
 */
public interface HiddenStateProbe extends AutoCloseable {
    /** Queues the statistics of every row; returns the index that {@link #read()} will report them under (0, 1, ...). */
    int record(Latents hidden);

    /** Statistics of everything recorded so far, by index. Waits for the GPU. */
    RowStatistics[] read();

    @Override
    void close();

    /** Statistics of one recorded block. */
    final class RowStatistics {
        private final float[] norms;
        private final boolean finite;

        public RowStatistics(float[] norms, boolean finite) {
            this.norms = norms;
            this.finite = finite;
        }

        /** L2 norm of each row; NaN or infinite where the row is not finite. */
        public float[] norms() {
            return norms;
        }

        /** True when every value of the block is finite. */
        public boolean finite() {
            return finite;
        }
    }
}
