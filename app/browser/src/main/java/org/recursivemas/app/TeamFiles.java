package org.recursivemas.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.bridge.KeptFiles;
import org.recursivemas.bridge.ModelSource;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.CorpusFile;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.Team;
import org.recursivemas.engine.EngineException;
import org.recursivemas.json.JsonCodec;
import org.recursivemas.links.LinkStore;
import org.recursivemas.team.LinkIndex;

/** A team file that has been read, and what lies beside it. */
final class TeamFiles {
    private final String url;
    private final String json;
    private final Team team;
    /** The link file, once it has been read and until it has been used. */
    private LinkFile links;
    private LinkIndex index;
    private final KeptFiles kept;
    private final Map<String, String> hashes = new LinkedHashMap<>();

    private TeamFiles(String url, String json, Team team, KeptFiles kept) {
        this.url = url;
        this.json = json;
        this.team = team;
        this.kept = kept;
    }

    /**
     * Fetches and checks a team file. Waits.
     *
     * @param url relative to the page
     */
    static TeamFiles fetch(String url, JsonCodec codec) {
        String absolute = Web.resolve(url, "");
        KeptFiles kept = new KeptFiles();
        return of(absolute, Web.text(absolute, "The team file", kept), codec, kept);
    }

    /**
     * Checks a team file that has been fetched.
     *
     * @param url its absolute address
     * @param kept where what lies beside it comes from
     */
    static TeamFiles of(String url, String json, JsonCodec codec, KeptFiles kept) {
        TeamFiles files = new TeamFiles(url, json, codec.readTeam(json, url), kept);
        for (int i = 0; i < files.team.agents.size(); i++) {
            AgentSpec agent = files.team.agents.get(i);
            files.require(agent.model, "agents[" + i + "].model", "Give the folder of the converted model");
            files.require(agent.library, "agents[" + i + "].library", "Give the model library (.wasm)");
        }
        if (files.team.links != null) {
            files.require(files.team.links, "links", "Give the path of recursivelink.json, or leave the field out");
        }
        return files;
    }

    private void require(String path, String field, String remedy) {
        if (path == null || path.isBlank()) {
            throw new FormatException(url, field, "is missing", remedy);
        }
    }

    private void enter(String name, String text) {
        String hash = Web.sha256(text);
        if (hash != null) {
            hashes.put(name, "sha256:" + hash);
        }
    }

    /**
     * What the link file holds, without the numbers. Waits.
     *
     * @param otherModels ids of agents whose model is another than that of the team file at this address; the links fit
     *     them only if the model says that it was made from the weights that the links were made for
     */
    LinkIndex linkIndex(JsonCodec codec, List<String> otherModels) {
        if (index == null) {
            if (team.links == null) {
                index = LinkIndex.NONE;
            } else {
                readLinkFile(codec);
                List<String> strangers = new ArrayList<>();
                for (AgentSpec agent : team.agents) {
                    if (otherModels.contains(agent.id) && !madeFor(agent, links.agents.get(agent.id))) {
                        strangers.add(agent.id);
                    }
                }
                index = LinkIndex.of(links).withStrangers(strangers);
            }
        }
        return index;
    }

    private boolean madeFor(AgentSpec agent, String weights) {
        if (weights == null) {
            return false;
        }
        String manifest = new ModelSource(agent.id, resolve(agent.model), resolve(agent.library), 0).folder()
                + "manifest.json";
        try {
            return weights.equals(FlavourCodec.sourceDigest(Web.text(manifest, "The manifest of " + agent.id + "'s model",
                    kept)));
        } catch (EngineException e) {
            return false;   // nobody says what it was made from, so it is not known to be the links' model
        }
    }

    private void readLinkFile(JsonCodec codec) {
        if (links == null) {
            String address = resolve(team.links);
            String text = Web.text(address, "The link file", kept);
            links = codec.readLinks(text, address);
            enter("recursivelink.json", text);
        }
    }

    /** Reads and checks the link file, and the weights file beside it where it names one; null without links. Waits. */
    LinkFile readLinks(JsonCodec codec) {
        enter("team.json", json);
        if (team.links == null) {
            return null;
        }
        readLinkFile(codec);
        LinkFile read = links;
        links = null;   // its numbers go to the GPU: they are not kept here
        if (read.weightsFile != null) {
            String weights = Web.resolve(read.weightsFile, resolve(team.links));
            LinkStore.attach(read, Web.bytes(weights, "The links' weights file", kept), weights);
        }
        return read;
    }

    /** Reads and checks a corpus of a search tool. Waits. @param path relative to the team file */
    CorpusFile readCorpus(String path, JsonCodec codec) {
        String corpus = resolve(path);
        String text = Web.text(corpus, "The corpus of the search tool", kept);
        CorpusFile read = codec.readCorpus(text, corpus);
        enter(path, text);
        return read;
    }

    /** Where models' files come from, and which servers were out of reach. */
    KeptFiles kept() {
        return kept;
    }

    /** Address of the team file. */
    String url() {
        return url;
    }

    /** The team file itself. */
    String json() {
        return json;
    }

    Team team() {
        return team;
    }

    /** Checksums of the files read so far, by name. */
    Map<String, String> hashes() {
        return hashes;
    }

    /** A path of the team file as an absolute address. */
    String resolve(String path) {
        return Web.resolve(path, url);
    }
}
