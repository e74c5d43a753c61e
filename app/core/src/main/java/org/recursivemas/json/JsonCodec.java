package org.recursivemas.json;

import org.recursivemas.data.CorpusFile;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.Team;

/**
 * Reads and writes the project's JSON files.
 *
 * <p>Every reader checks the file ({@link FileChecks}) and throws {@link FormatException}, naming file, field and
 * remedy, when it is not JSON, has a field of the wrong type, another format or version, or an unknown kind. Fields
 * that are not known are ignored, so that a later minor addition does not break this program.
 */
public interface JsonCodec {
    /** @param file name or address, for messages */
    Team readTeam(String json, String file);

    /** @param file name or address, for messages */
    LinkFile readLinks(String json, String file);

    /** @param file name or address, for messages */
    CorpusFile readCorpus(String json, String file);

    /** @param file name or address, for messages */
    RunReport readReport(String json, String file);

    /** One line per field, two blanks of indentation where the parser offers it. */
    String write(RunReport report);
}
