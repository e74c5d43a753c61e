package org.recursivemas.ui.measure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.recursivemas.data.RunReport;

/** The JVM's parser. */
final class JacksonJson implements Json {
    private final ObjectMapper mapper = new ObjectMapper();

    @Override
    public Object parse(String text) {
        try {
            return mapper.readValue(text, Object.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e.getOriginalMessage(), e);
        }
    }

    @Override
    public String write(Object tree, boolean indented) {
        return text(tree);
    }

    @Override
    public String write(RunReport report) {
        return text(report);
    }

    private String text(Object value) {
        try {
            return mapper.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
