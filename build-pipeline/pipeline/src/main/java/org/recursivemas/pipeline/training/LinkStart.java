package org.recursivemas.pipeline.training;

import java.nio.file.Path;
import java.util.List;

/**
 * Where training starts.
 *
 * @param kind closed form, a file, or random
 * @param file the link file, for {@link Kind#FILE}
 * @param lambda strength of the ridge, for {@link Kind#CLOSED_FORM}
 * @param form how closed-form links are written, for {@link Kind#CLOSED_FORM}
 * @param problems problems to fit on, for {@link Kind#CLOSED_FORM}
 * @param messageRows length of the messages to fit on, for {@link Kind#CLOSED_FORM}
 * @param outerBranches whether outer links without an MLP branch get one
 * @param further further teams of the same agents whose links go into the same file, for {@link Kind#CLOSED_FORM} without training
 */
public record LinkStart(Kind kind, Path file, double lambda, ClosedFormLinks.Form form, int problems, int messageRows,
        boolean outerBranches, List<ClosedFormLinks.Further> further) {
    /** For one team. */
    public LinkStart(Kind kind, Path file, double lambda, ClosedFormLinks.Form form, int problems, int messageRows,
            boolean outerBranches) {
        this(kind, file, lambda, form, problems, messageRows, outerBranches, List.of());
    }

    /** Where links come from. */
    public enum Kind {
        /** Ridge regression. */
        CLOSED_FORM,
        /** A link file. */
        FILE,
        /** Random matrices, as loud as the readers' embeddings. */
        RANDOM
    }
}
