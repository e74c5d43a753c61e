package org.recursivemas.pipeline.recipe;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.recursivemas.pipeline.links.TeachingRules;

/** Tokens by agent id; a text alone stands for all agents. */
final class TokenFields extends JsonDeserializer<Map<String, String>> {
    @Override
    public Map<String, String> deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        return parser.currentToken() == JsonToken.START_OBJECT
                ? parser.readValueAs(new TypeReference<LinkedHashMap<String, String>>() { })
                : Map.of(TeachingRules.ALL, parser.getText());
    }
}
