package org.recursivemas.pipeline.recipe;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.evaluate.Evaluation;
import org.recursivemas.pipeline.hub.HuggingFace;
import org.recursivemas.pipeline.training.ClosedFormLinks;

/**
 * How a package is made: YAML, or JSON, which is YAML too. Paths are relative to the file. Unknown fields are errors.
 *
 * @param format {@link #FORMAT}
 * @param version {@link #VERSION}
 * @param name short name of the package; left out for a team: the team's id
 * @param title for people; left out: the team's
 * @param description for people; left out: the team's
 * @param licence of the package
 * @param quantization of all models
 * @param context tokens; left out: what is usual for the model
 * @param prefillChunk tokens processed at once; left out: what is usual
 * @param team the team file; left out for a published team or a package of one model
 * @param published a published team, whose team file and links are imported
 * @param teams further team files of the same agents and links, which go into the package under their own names
 * @param agents by agent id, where the checkpoint is not the one that the team file, or the published team, names
 * @param model the model of a package without a team
 * @param links where the links come from
 * @param evaluate what to measure; left out: nothing
 */
public record Recipe(
        @JsonProperty("format") String format,
        @JsonProperty("version") int version,
        @JsonProperty("name") String name,
        @JsonProperty("title") String title,
        @JsonProperty("description") String description,
        @JsonProperty("licence") String licence,
        @JsonProperty("quantization") String quantization,
        @JsonProperty("context") Integer context,
        @JsonProperty("prefill_chunk") Integer prefillChunk,
        @JsonProperty("team") String team,
        @JsonProperty("published_team") Published published,
        @JsonProperty("teams") List<String> teams,
        @JsonProperty("agents") Map<String, Agent> agents,
        @JsonProperty("model") Agent model,
        @JsonProperty("links") Links links,
        @JsonProperty("evaluate") Evaluate evaluate) {
    public static final String FORMAT = "recursivemas.recipe";
    public static final int VERSION = 1;

    /**
     * A model.
     *
     * @param source its checkpoint
     * @param quantization where it differs from the recipe's
     */
    public record Agent(@JsonProperty("source") Source source, @JsonProperty("quantization") String quantization) {
    }

    /**
     * A checkpoint: a folder, or a model on the hub.
     *
     * @param folder path
     * @param hub {@code OWNER/NAME}
     * @param revision branch, tag or commit; a commit never changes and needs no network once it is fetched
     */
    public record Source(@JsonProperty("folder") String folder, @JsonProperty("hub") String hub,
            @JsonProperty("revision") String revision) {
    }

    /**
     * A published team, as import-team takes it.
     *
     * @param team its id, e.g. {@code sequential-light}
     * @param task which links, prompts and settings; left out: {@code math}
     * @param folder holds its repositories; left out: they are fetched
     * @param hub owner of the repositories; left out: the team's authors
     * @param revision branch or tag of the repositories; left out: {@code main}
     * @param revisions by agent id, or {@code links}, where it differs; best: commits, which need no network once fetched
     * @param rounds instead of the published setting
     * @param latentSteps instead of the published setting
     * @param prompts file with the agents' messages
     * @param answerMarker instead of that of the published prompts
     */
    public record Published(@JsonProperty("team") String team, @JsonProperty("task") String task,
            @JsonProperty("folder") String folder, @JsonProperty("hub") String hub,
            @JsonProperty("revision") String revision, @JsonProperty("revisions") Map<String, String> revisions,
            @JsonProperty("rounds") Integer rounds, @JsonProperty("latent_steps") Integer latentSteps,
            @JsonProperty("prompts") String prompts, @JsonProperty("answer_marker") String answerMarker) {
        String usedTask() {
            return task == null ? "math" : task;
        }
    }

    /**
     * Where links come from: exactly one of the fields.
     *
     * @param file a link file that is there already
     * @param closedForm how to make them in closed form
     * @param train how to train them by gradients
     * @param imported where to import them from
     */
    public record Links(@JsonProperty("file") String file, @JsonProperty("closed_form") ClosedForm closedForm,
            @JsonProperty("train") TrainRecipe train, @JsonProperty("import") List<ImportedLink> imported) {
    }

    /**
     * A link of another project, as import-link takes it.
     *
     * @param source a published {@code .pt}, or the other browser project's recursivelink.json
     * @param from id of the agent whose states go in
     * @param to id of the agent that reads; left out: the inner link of {@code from}
     * @param index which link of a JSON file, from 0; left out: 0
     */
    public record ImportedLink(@JsonProperty("source") String source, @JsonProperty("from") String from,
            @JsonProperty("to") String to, @JsonProperty("index") Integer index) {
    }

    /** Options of the closed form, as those of the verb; what is left out is as usual there. */
    public record ClosedForm(
            @JsonProperty("tasks") String tasks,
            @JsonProperty("problems") Integer problems,
            @JsonProperty("check_problems") Integer checkProblems,
            @JsonProperty("form") ClosedFormLinks.Form form,
            @JsonProperty("lambda") Double lambda,
            @JsonProperty("message_rows") Integer messageRows,
            @JsonProperty("targets") Map<String, String> targets,
            @JsonProperty("slots") Map<String, String> slots,
            @JsonProperty("end") @JsonDeserialize(using = TokenFields.class) Map<String, String> end,
            @JsonProperty("filler") @JsonDeserialize(using = TokenFields.class) Map<String, String> filler,
            @JsonProperty("seed") Long seed) {
    }

    /** What to measure, as the options of the verb; what is left out is as usual there. */
    public record Evaluate(
            @JsonProperty("tasks") String tasks,
            @JsonProperty("skip") Integer skip,
            @JsonProperty("problems") Integer problems,
            @JsonProperty("modes") List<String> modes,
            @JsonProperty("rounds") List<Integer> rounds,
            @JsonProperty("latent_steps") List<Integer> latentSteps,
            @JsonProperty("engine") Evaluation.Engine engine,
            @JsonProperty("batch") Integer batch) {
    }

    /**
     * Reads a recipe.
     *
     * @throws InputException naming line and field at fault
     */
    public static Recipe read(Path file) {
        YAMLMapper mapper = YAMLMapper.builder(YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build()).enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(com.fasterxml.jackson.databind.MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS).build();
        Recipe recipe;
        try {
            recipe = mapper.readValue(file.toFile(), Recipe.class);
        } catch (UnrecognizedPropertyException e) {
            throw new InputException(InputException.place(file, "line " + line(e)), "there is no field \""
                    + e.getPropertyName() + "\" here", "Known fields: " + e.getKnownPropertyIds(), e);
        } catch (JsonProcessingException e) {
            throw new InputException(InputException.place(file, "line " + line(e)), "it is not valid ("
                    + e.getOriginalMessage().lines().findFirst().orElse("?") + ")", "Correct the recipe", e);
        } catch (IOException e) {
            throw new InputException(file.toString(), "it is missing or cannot be read (" + e.getMessage() + ")",
                    "Name a recipe (YAML or JSON)", e);
        }
        if (recipe == null) {
            throw new InputException(file, null, "it is empty", "Name a recipe (YAML or JSON)");
        }
        recipe.check(file);
        return recipe;
    }

    private static Object line(JsonProcessingException e) {
        return e.getLocation() == null ? "?" : e.getLocation().getLineNr();
    }

    private void check(Path file) {
        require(FORMAT.equals(format), file, "format", "is " + format, "It must be " + FORMAT);
        require(version == VERSION, file, "version", "is " + version, "This program reads version " + VERSION);
        require(licence != null && !licence.isBlank(), file, "licence", "is missing",
                "State the licence under which the package may be used, e.g. Apache-2.0");
        require(Stream.of(team, published, model).filter(Objects::nonNull).count() == 1, file, "team, published_team, model",
                "must be there exactly once", "Name a team file, a published team, or one model");
        if (published != null) {
            checkPublished(file);
        } else if (team == null) {
            require(name != null && name.matches("[A-Za-z0-9][A-Za-z0-9._-]*"), file, "name", "is " + name,
                    "Name the model with letters, digits, '.', '_' and '-'");
            require(teams == null && agents == null && links == null && evaluate == null, file,
                    "teams, agents, links, evaluate",
                    "belong to a team", "Remove them, or name a team file");
            check(file, "model", model);
            require(model.source() != null, file, "model.source", "is missing", "Give folder or hub");
        } else {
            require(links != null, file, "links", "is missing", "Give file, closed_form, train or import");
            require(Stream.of(links.file(), links.closedForm(), links.train(), links.imported()).filter(Objects::nonNull)
                    .count() == 1, file, "links", "must have exactly one of file, closed_form, train and import",
                    "Remove or add one");
            require(links.train() == null || links.train().tasks() != null, file, "links.train.tasks", "is missing",
                    "Name the file with training problems");
            if (links.imported() != null) {
                checkImported(file);
            }
            require(links.closedForm() == null || links.closedForm().tasks() != null, file, "links.closed_form.tasks",
                    "is missing", "Name the file with training problems");
        }
        require(evaluate == null || evaluate.tasks() != null, file, "evaluate.tasks", "is missing",
                "Name the file with held-out problems");
        checkScheme(file, "quantization", quantization);
        if (agents != null) {
            agents.forEach((id, agent) -> check(file, "agents." + id, agent));
        }
    }

    private void checkPublished(Path file) {
        require(published.team() != null, file, "published_team.team", "is missing", "Name the team, e.g. sequential-light");
        require(links == null && teams == null, file, "links, teams", "belong to a team file",
                "Remove them: a published team brings its links");
        require(published.folder() == null || published.hub() == null && published.revision() == null
                && published.revisions() == null, file, "published_team", "has a folder, and fields about a hub",
                "Remove folder, or hub, revision and revisions");
    }

    private void checkImported(Path file) {
        require(!links.imported().isEmpty(), file, "links.import", "is empty", "List the links");
        for (int i = 0; i < links.imported().size(); i++) {
            ImportedLink link = links.imported().get(i);
            String field = "links.import[" + i + "]";
            require(link != null && link.source() != null, file, field + ".source", "is missing", "Name the link's file");
            require(link.from() != null, file, field + ".from", "is missing", "Name the agent whose states go in");
        }
    }

    private static void check(Path file, String field, Agent agent) {
        require(agent != null, file, field, "is empty", "Give a source");
        if (agent.quantization() != null) {
            checkScheme(file, field + ".quantization", agent.quantization());
        }
        Source source = agent.source();
        if (source != null) {
            require((source.folder() == null) != (source.hub() == null), file, field + ".source",
                    "must have exactly one of folder and hub", "Remove or add one");
            require(source.hub() == null || source.revision() != null, file, field + ".source.revision", "is missing",
                    "Name a commit (best: it never changes), a tag or a branch");
            require(source.hub() != null || source.revision() == null, file, field + ".source.revision",
                    "belongs to a hub", "Remove it");
            if (source.hub() != null) {
                HuggingFace.checkedId(source.hub());
            }
        }
    }

    private static void checkScheme(Path file, String field, String scheme) {
        require(scheme != null, file, field, "is missing", "Use q0f32, q0f16, q4f32_1 or q4f16_1");
        try {
            Quantization.of(scheme);
        } catch (IllegalArgumentException e) {
            throw new InputException(InputException.place(file, field), e.getMessage(), "Change the scheme", e);
        }
    }

    private static void require(boolean good, Path file, String field, String what, String remedy) {
        if (!good) {
            throw new InputException(file, field, what, remedy);
        }
    }
}
