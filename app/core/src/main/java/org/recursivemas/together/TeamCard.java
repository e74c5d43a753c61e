package org.recursivemas.together;

import java.util.ArrayList;
import java.util.List;

/**
 * What two browsers must have in common to play one team.
 *
 * @param team id of the team
 * @param teamHash SHA-256 (hex) of the team file: prompts, graph, who has which model
 * @param linksHash SHA-256 (hex) of the link file
 */
public record TeamCard(String team, String teamHash, String linksHash, List<Model> models) {
    /**
     * An agent's model.
     *
     * @param model its folder, as in the team file
     * @param weightsHash SHA-256 (hex) of its tensor-cache.json, which names every shard with its checksum
     */
    public record Model(String agent, String model, String weightsHash, int hiddenSize) {
    }

    public TeamCard {
        models = List.copyOf(models);
    }

    /** Why a browser with {@code other} cannot join one with this card, as sentences; null when it can. */
    public String mismatch(TeamCard other) {
        if (!team.equals(other.team)) {
            return "The room plays the team \"" + team + "\", this browser has opened \"" + other.team
                    + "\". Open the room's team.";
        }
        if (models.size() != other.models.size()) {
            return "The room's team has " + models.size() + " agents, this browser's " + other.models.size()
                    + ". Open the room's team.";
        }
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            Model mine = models.get(i);
            Model its = other.models.get(i);
            if (!mine.agent.equals(its.agent) || mine.hiddenSize != its.hiddenSize) {
                faults.add(mine.agent + " has hidden size " + mine.hiddenSize + " in the room, " + its.agent
                        + " has " + its.hiddenSize + " here");
            } else if (!mine.weightsHash.equals(its.weightsHash)) {
                faults.add(mine.agent + "'s model " + its.model + " has other weights (" + shorten(its.weightsHash)
                        + " here, " + shorten(mine.weightsHash) + " in the room)");
            }
        }
        if (!faults.isEmpty()) {
            return "The models differ: " + String.join("; ", faults)
                    + ". Latents mean something only to the models that the links were made for: open the room's team.";
        }
        if (!linksHash.equals(other.linksHash)) {
            return "The links differ (" + shorten(other.linksHash) + " here, " + shorten(linksHash)
                    + " in the room). Open the room's team with its own links.";
        }
        if (!teamHash.equals(other.teamHash)) {
            return "The team files differ (" + shorten(other.teamHash) + " here, " + shorten(teamHash)
                    + " in the room). Open the room's team file.";
        }
        return null;
    }

    private static String shorten(String hash) {
        return hash.length() > 12 ? hash.substring(0, 12) : hash;
    }
}
