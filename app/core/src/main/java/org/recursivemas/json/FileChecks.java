package org.recursivemas.json;

import java.util.HashSet;
import java.util.Set;
import org.recursivemas.data.CorpusFile;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.Team;
import org.recursivemas.data.TensorData;
import org.recursivemas.links.LinkFormula;
import org.recursivemas.team.TeamPlan;

/**
 * What a parsed file must satisfy, the same on the JVM and in a browser. Tensors are checked where they are decoded.
 */
public final class FileChecks {
    private FileChecks() {
    }

    /** Returns {@code team} when {@link TeamPlan} accepts it. */
    public static Team team(Team team, String file) {
        requireObject(team, file);
        TeamPlan.of(team, file);
        return team;
    }

    /** Returns {@code links} when format, version, kinds, ids and widths are right. */
    public static LinkFile links(LinkFile links, String file) {
        requireObject(links, file);
        requireFormat(links.format, LinkFile.FORMAT, links.version, LinkFile.VERSION, file);
        require(links.team != null && !links.team.isBlank(), file, "team", "is missing",
                "Name the team that the links were trained for");
        require(links.alsoFor == null || !links.alsoFor.contains(null) && !links.alsoFor.contains(""), file, "also_for",
                "holds an empty id", "Name teams, or leave it out");
        require(links.links != null && !links.links.isEmpty(), file, "links", "is empty", "Train the team's links");
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < links.links.size(); i++) {
            LinkEntry entry = links.links.get(i);
            String field = "links[" + i + "]";
            require(entry != null, file, field, "is null", "Describe the link");
            require(entry.id != null && ids.add(entry.id), file, field + ".id",
                    entry.id == null ? "is missing" : "\"" + entry.id + "\" occurs twice", "Link ids must be unique");
            requireOneOf(entry.kind, file, field + ".kind", "inner", "outer");
            requireOneOf(entry.residual, file, field + ".residual", "identity", "projection");
            requireOneOf(entry.postNorm, file, field + ".post_norm", "layer_norm", "none");
            require(entry.from != null, file, field + ".from", "is missing", "Name the sending agent");
            require(entry.to != null, file, field + ".to", "is missing", "Name the reading agent");
            require(!"inner".equals(entry.kind) || entry.from.equals(entry.to), file, field + ".to",
                    "is \"" + entry.to + "\"", "An inner link leads back to \"" + entry.from + "\"");
            require(entry.inWidth >= 1, file, field + ".in_width", "is " + entry.inWidth, "Use 1 or more");
            require(entry.outWidth >= 1, file, field + ".out_width", "is " + entry.outWidth, "Use 1 or more");
            require(entry.hiddenWidth >= 0, file, field + ".hidden_width", "is " + entry.hiddenWidth, "Use 0 or more");
            require(!"identity".equals(entry.residual) || entry.inWidth == entry.outWidth, file, field + ".residual",
                    "is \"identity\" from width " + entry.inWidth + " to " + entry.outWidth,
                    "Different widths need \"projection\"");
            require(entry.formula == null || LinkFormula.of(entry.formula) != null, file, field + ".formula",
                    "is \"" + entry.formula + "\"", "Known are layer_norm_gelu, gelu_tanh and unit_gelu_tanh");
            require(entry.tensors != null, file, field + ".tensors", "is missing", "Give the link's tensors");
            require(links.weightsFile == null || entry.sha256 != null, file, field + ".sha256", "is missing",
                    "Values in a file beside need it, so that the files cannot be mixed up");
            storage(entry, links.weightsFile != null, file, field + ".tensors.");
        }
        require(links.weightsFile == null || isPlainName(links.weightsFile), file, "weights_file",
                "is \"" + links.weightsFile + "\"",
                "Name a .safetensors file in the same folder, of letters, digits, '.', '_' and '-'");
        return links;
    }

    /** Values are either all in the file (data) or all in the file beside it (offset). */
    private static void storage(LinkEntry entry, boolean beside, String file, String field) {
        for (String name : entry.tensors.keySet()) {
            TensorData tensor = entry.tensors.get(name);
            require(tensor != null, file, field + name, "is null", "Give shape, dtype and values");
            require(beside || tensor.offset == null, file, field + name + ".offset", "is " + tensor.offset
                    + " but no weights_file is named", "Name it, or give data");
            require(!beside || tensor.offset != null, file, field + name + ".offset", "is missing",
                    "Tell where the values start in the weights_file");
            require(!beside || tensor.data == null, file, field + name + ".data", "is set beside a weights_file",
                    "Values are in one of the two places");
        }
    }

    /** A name that cannot lead out of the folder, on any system or server. */
    private static boolean isPlainName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!letter && c != '-' && c != '_' && (c != '.' || i == 0)) {
                return false;
            }
        }
        return name.endsWith(".safetensors");
    }

    /** Returns {@code corpus} when format and version are right and it holds texts. */
    public static CorpusFile corpus(CorpusFile corpus, String file) {
        requireObject(corpus, file);
        requireFormat(corpus.format, CorpusFile.FORMAT, corpus.version, CorpusFile.VERSION, file);
        require(corpus.documents != null && !corpus.documents.isEmpty(), file, "documents", "is empty",
                "List the texts to look through");
        for (int i = 0; i < corpus.documents.size(); i++) {
            require(corpus.documents.get(i) != null && !corpus.documents.get(i).isBlank(), file, "documents[" + i + "]",
                    "is empty", "Write the text or take it out");
        }
        return corpus;
    }

    /** Returns {@code report} when format and version are right. */
    public static RunReport report(RunReport report, String file) {
        requireObject(report, file);
        requireFormat(report.format, RunReport.FORMAT, report.version, RunReport.VERSION, file);
        return report;
    }

    private static void requireObject(Object read, String file) {
        require(read != null, file, "", "holds null", "The file must hold a JSON object");
    }

    private static void requireFormat(String format, String expected, int version, int expectedVersion, String file) {
        require(expected.equals(format), file, "format", format == null ? "is missing" : "is \"" + format + "\"",
                "This must be a file with \"format\": \"" + expected + "\"");
        require(version == expectedVersion, file, "version", "is " + version,
                "This program reads version " + expectedVersion);
    }

    private static void requireOneOf(String value, String file, String field, String first, String second) {
        require(first.equals(value) || second.equals(value), file, field,
                value == null ? "is missing" : "is \"" + value + "\"", "Use \"" + first + "\" or \"" + second + "\"");
    }

    private static void require(boolean holds, String file, String field, String problem, String remedy) {
        if (!holds) {
            throw new FormatException(file, field, problem, remedy);
        }
    }
}
