package org.recursivemas.ui.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.InsideGrid;
import org.recursivemas.data.InsideReport;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.measure.ReportReader;

class ReportReaderTest {
    private int next = 1;

    /** Gives every field of a report another value. */
    private <T> T fill(T object) throws ReflectiveOperationException {
        for (Field field : object.getClass().getFields()) {
            if (!Modifier.isStatic(field.getModifiers()) && !List.of("format", "version").contains(field.getName())) {
                field.set(object, value(field));
            }
        }
        return object;
    }

    private Object value(Field field) throws ReflectiveOperationException {
        Class<?> type = field.getType();
        next++;
        if (field.getName().equals("mode")) {
            return "latent";
        }
        if (List.of("rounds", "round", "mostRounds").contains(field.getName())) {
            return 4;
        }
        if (field.getName().equals("retrieval")) {
            return 3;
        }
        if (field.getName().equals("stopEarly")) {
            return 0.5;
        }
        if (type == int.class || type == Integer.class) {
            return next;
        }
        if (type == double.class || type == Double.class) {
            return next + 0.25;
        }
        if (type == boolean.class || type == Boolean.class) {
            return !field.getName().equals("finite");
        }
        if (type == String.class) {
            return "text " + next;
        }
        if (type == double[].class) {
            return new double[] {next, next + 0.5};
        }
        if (type == Map.class) {
            return Map.of("name " + next, "value " + next);
        }
        if (type == InsideReport.class) {
            InsideReport inside = fill(new InsideReport());
            for (InsideGrid grid : inside.grids) {
                grid.rounds = 2;
                grid.steps = 1;
                grid.stride = 5;
                grid.cosines = new double[] {1, 0.5, 0.25, 1};
            }
            return inside;
        }
        Class<?> of = (Class<?>) ((ParameterizedType) field.getGenericType()).getActualTypeArguments()[0];
        return List.of(of == String.class ? "text " + next : fill(of.getDeclaredConstructor().newInstance()));
    }

    @Test
    void everyFieldOfAReportIsReadBack() throws ReflectiveOperationException {
        JacksonJson json = new JacksonJson();
        RunReport report = fill(new RunReport());
        String written = json.write(report);
        String read = json.write(ReportReader.read(json.parse(written), "run.json"));
        assertEquals(written, read, "ReportReader must read every field that a report has; a new one goes in there too, and "
                + "into ReportDiff and Replay where it belongs to a run's settings or results");
    }

    @Test
    void aReportWithoutModesReadsBack() {
        JacksonJson json = new JacksonJson();
        RunReport report = new RunReport();
        report.problem = "p";
        ModeReport empty = new ModeReport();
        empty.mode = "single";
        empty.rounds = 1;
        empty.text = "";
        empty.answer = "";
        empty.finish = "stop";
        report.modes.add(empty);
        assertEquals(json.write(report), json.write(ReportReader.read(json.parse(json.write(report)), "run.json")));
    }
}
