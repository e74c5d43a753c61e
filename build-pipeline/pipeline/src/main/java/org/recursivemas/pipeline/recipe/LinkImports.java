package org.recursivemas.pipeline.recipe;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.recursivemas.data.Team;
import org.recursivemas.pipeline.Fingerprint;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.ToolVersion;
import org.recursivemas.pipeline.convert.StagedFolder;
import org.recursivemas.pipeline.imports.LinkImport;

/** The stage that imports single links. */
final class LinkImports {
    private final Path recipe;
    private final Team team;
    private final List<Recipe.ImportedLink> given;
    private final List<Path> sources = new ArrayList<>();

    LinkImports(Path recipe, Team team, List<Recipe.ImportedLink> given) {
        this.recipe = recipe;
        this.team = team;
        this.given = given;
        for (int i = 0; i < given.size(); i++) {
            String field = "links.import[" + i + "]";
            Recipe.ImportedLink link = given.get(i);
            requireAgent(field + ".from", link.from());
            requireAgent(field + ".to", reader(link));
            Path source = Build.path(recipe, field + ".source", link.source());
            if (Files.isDirectory(source)) {
                throw new InputException(recipe, field + ".source", source + " is a folder",
                        "Name the link's file (.pt or .json); a whole published team is named as published_team");
            }
            sources.add(source);
        }
    }

    private static String reader(Recipe.ImportedLink link) {
        return link.to() == null ? link.from() : link.to();
    }

    private void requireAgent(String field, String id) {
        if (team.agents.stream().noneMatch(agent -> agent.id.equals(id))) {
            throw new InputException(recipe, field, "the team has no agent \"" + id + "\"", "Its agents are "
                    + team.agents.stream().map(agent -> agent.id).toList());
        }
    }

    /** Hash of all that goes in: the links' files and the descriptions that lie beside them. */
    String key(KnownDigests digests) {
        Fingerprint key = new Fingerprint().add(ToolVersion.VERSION).add(given.toString()).add(team.id);
        for (Path source : sources) {
            digests.add(key, source);
            Path description = source.resolveSibling("adapter_config.json");
            if (Files.exists(description)) {
                digests.add(key, description);
            }
        }
        return key.hex().substring(0, 16);
    }

    /**
     * Imports them.
     *
     * @param output the folder to make
     * @param older removes what other inputs made
     */
    Stage stage(Path output, Consumer<Path> older) {
        Path unfinished = output.resolveSibling("importing");
        return Stage.of("links", "import " + given.size() + " links", output, -1, () -> {
            older.accept(output);
            StagedFolder.delete(unfinished);
            Build.createFolder(unfinished);
            for (int i = 0; i < given.size(); i++) {
                Recipe.ImportedLink link = given.get(i);
                LinkImport.run(new LinkImport.Options(sources.get(i), unfinished.resolve(Build.LINK_FILE), team.id,
                        link.from(), reader(link), link.index() == null ? 0 : link.index(), null, true));
            }
            Build.move(unfinished, output);
        });
    }
}
