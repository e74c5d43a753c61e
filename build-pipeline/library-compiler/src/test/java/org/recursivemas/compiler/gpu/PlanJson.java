package org.recursivemas.compiler.gpu;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.recursivemas.library.Expr;
import org.recursivemas.library.Launch;
import org.recursivemas.library.LibraryPlan;
import org.recursivemas.library.Operand;
import org.recursivemas.library.PlanFunction;

/** A plan as the JSON that plan-runner.js reads. */
public final class PlanJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private PlanJson() {
    }

    public static ObjectNode of(LibraryPlan plan) {
        ObjectNode root = MAPPER.createObjectNode();
        ArrayNode kernels = root.putArray("kernels");
        for (LibraryPlan.Kernel kernel : plan.kernels()) {
            kernels.addObject().put("name", kernel.name()).put("finfo", kernel.finfoJson()).put("wgsl", kernel.wgsl());
        }
        ArrayNode kv = root.putArray("kv");
        plan.kvBytesPerPosition().forEach(kv::add);
        ArrayNode scratch = root.putArray("scratch");
        plan.scratchBytes().forEach(e -> scratch.add(expr(e)));
        ArrayNode functions = root.putArray("functions");
        for (PlanFunction function : plan.functions()) {
            functions.add(function(function));
        }
        return root;
    }

    private static ObjectNode function(PlanFunction function) {
        ObjectNode node = MAPPER.createObjectNode().put("name", function.name());
        ArrayNode arguments = node.putArray("arguments");
        function.arguments().forEach(a -> arguments.add(a.name()));
        ArrayNode outputs = node.putArray("outputs");
        for (PlanFunction.Output output : function.outputs()) {
            ObjectNode o = outputs.addObject().put("dtype", output.dtype().text());
            ArrayNode shape = o.putArray("shape");
            output.shape().forEach(e -> shape.add(expr(e)));
        }
        ArrayNode variants = node.putArray("variants");
        for (PlanFunction.Variant variant : function.variants()) {
            ObjectNode v = variants.addObject();
            v.set("guard", expr(variant.guard()));
            ArrayNode launches = v.putArray("launches");
            for (Launch launch : variant.launches()) {
                launches.add(launch(launch));
            }
        }
        return node;
    }

    private static ObjectNode launch(Launch launch) {
        ObjectNode node = MAPPER.createObjectNode().put("kernel", launch.kernel());
        ArrayNode operands = node.putArray("operands");
        for (Operand operand : launch.operands()) {
            ObjectNode o = operands.addObject().put("kind", operand.kind().name()).put("index", operand.index())
                    .put("number", operand.number());
            if (operand.value() != null) {
                o.set("value", expr(operand.value()));
            }
        }
        node.set("gridX", expr(launch.gridX()));
        if (launch.gridY() != null) {
            node.set("gridY", expr(launch.gridY()));
        }
        return node;
    }

    private static ObjectNode expr(Expr e) {
        ObjectNode node = MAPPER.createObjectNode().put("op", e.op().name()).put("a", e.a()).put("b", e.b());
        if (e.left() != null) {
            node.set("left", expr(e.left()));
            node.set("right", expr(e.right()));
        }
        return node;
    }
}
