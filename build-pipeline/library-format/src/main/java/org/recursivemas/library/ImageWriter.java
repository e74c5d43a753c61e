package org.recursivemas.library;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes a {@link LibraryPlan} as an image (the layout is described at {@link LibraryImage}) and refuses a plan that
 * the
 * runtime or WebLLM would trip over. JVM only.
 */
public final class ImageWriter {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LibraryPlan plan;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private ImageWriter(LibraryPlan plan) {
        this.plan = plan;
    }

    /**
     * The image of a plan. Equal plans give equal bytes.
     *
     * @throws ImageException naming the parameter, kernel or launch that does not fit
     */
    public static byte[] write(LibraryPlan plan) {
        return new ImageWriter(plan).image();
    }

    private byte[] image() {
        int32(LibraryImage.MAGIC);
        int32(LibraryImage.VERSION);
        int32(0);
        int32(0);
        int32(plan.prefillChunkSize());
        text(plan.metadataJson(), "metadata");
        params();
        JsonNode[] infos = kernels();
        int32(plan.kvBytesPerPosition().size());
        for (int bytes : plan.kvBytesPerPosition()) {
            int32(bytes);
        }
        int32(plan.scratchBytes().size());
        for (Expr bytes : plan.scratchBytes()) {
            expr(bytes);
        }
        int32(plan.functions().size());
        Set<String> names = new HashSet<>();
        for (PlanFunction function : plan.functions()) {
            if (!names.add(function.name())) {
                throw new ImageException("function " + function.name() + ": defined twice");
            }
            function(function, infos);
        }
        byte[] image = out.toByteArray();
        patch(image, 8, image.length);
        patch(image, 12, Crc32.of(ImageBytes.of(image), LibraryImage.HEADER_BYTES, image.length));
        return image;
    }

    private void params() {
        JsonNode metadata = json(plan.metadataJson(), "metadata");
        JsonNode params = metadata.path("params");
        if (params.size() != plan.params().size()) {
            throw new ImageException("metadata.params: " + params.size() + " entries, but the plan has "
                    + plan.params().size() + " parameters");
        }
        if (metadata.path("prefill_chunk_size").asInt() != plan.prefillChunkSize()) {
            throw new ImageException("metadata.prefill_chunk_size: " + metadata.path("prefill_chunk_size")
                    + ", but the plan says " + plan.prefillChunkSize());
        }
        int32(params.size());
        for (int i = 0; i < params.size(); ++i) {
            String name = plan.params().get(i);
            JsonNode param = params.get(i);
            if (!name.equals(param.path("name").asText())) {
                throw new ImageException("metadata.params[" + i + "].name: " + param.path("name")
                        + ", but the plan says " + name);
            }
            text(name, "parameter " + i);
            int32(dtype(param.path("dtype").asText(), name).ordinal());
            int32(param.path("shape").size());
            for (JsonNode dim : param.path("shape")) {
                int32(dim.asInt());
            }
        }
    }

    private static DType dtype(String text, String param) {
        for (DType dtype : DType.values()) {
            if (dtype.text().equals(text)) {
                return dtype;
            }
        }
        throw new ImageException("metadata.params: dtype \"" + text + "\" of " + param + " is not known");
    }

    /** Writes the kernel map and the kernels; returns the parsed finfo of each. */
    private JsonNode[] kernels() {
        StringBuilder map = new StringBuilder("{");
        List<LibraryPlan.Kernel> kernels = plan.kernels();
        int[] offsets = new int[kernels.size()];
        JsonNode[] infos = new JsonNode[kernels.size()];
        Set<String> names = new HashSet<>();
        for (int i = 0; i < offsets.length; ++i) {
            LibraryPlan.Kernel kernel = kernels.get(i);
            infos[i] = json(kernel.finfoJson(), "finfo of kernel " + kernel.name());
            if (!kernel.name().equals(infos[i].path("name").asText()) || !names.add(kernel.name())) {
                throw new ImageException("kernel " + kernel.name() + ": its finfo is named " + infos[i].path("name")
                        + ", or another kernel has this name");
            }
            map.append(i == 0 ? "\"" : ",\"").append(kernel.name()).append("\":");
            offsets[i] = map.length();
            map.append(kernel.finfoJson());
        }
        text(map.append('}').toString(), "kernel map");
        int32(kernels.size());
        for (int i = 0; i < offsets.length; ++i) {
            LibraryPlan.Kernel kernel = kernels.get(i);
            text(kernel.name(), "kernel " + i);
            int32(offsets[i]);
            int32(kernel.finfoJson().length());
            text(kernel.wgsl(), "WGSL of kernel " + kernel.name());
        }
        return infos;
    }

    private void function(PlanFunction function, JsonNode[] infos) {
        String where = "function " + function.name();
        text(function.name(), where);
        int32(function.arguments().size());
        int tensors = 0;
        for (PlanFunction.Argument argument : function.arguments()) {
            int32(argument.ordinal());
            tensors += argument == PlanFunction.Argument.TENSOR ? 1 : 0;
        }
        if (tensors != function.tensorTypes().size()) {
            throw new ImageException(where + ": " + tensors + " tensor arguments, but " + function.tensorTypes().size()
                    + " dtypes");
        }
        int32(tensors);
        for (DType type : function.tensorTypes()) {
            int32(type.ordinal());
        }
        int32(function.outputs().size());
        for (PlanFunction.Output output : function.outputs()) {
            int32(output.dtype().ordinal());
            int32(output.shape().size());
            for (Expr dim : output.shape()) {
                expr(dim);
            }
        }
        if (function.outputs().isEmpty() != (function.result() == PlanFunction.Result.NONE)) {
            throw new ImageException(where + ": result " + function.result() + " with " + function.outputs().size()
                    + " outputs");
        }
        int32(function.result().ordinal());
        int32(function.variants().size());
        for (int v = 0; v < function.variants().size(); ++v) {
            PlanFunction.Variant variant = function.variants().get(v);
            expr(variant.guard());
            int32(variant.launches().size());
            for (int l = 0; l < variant.launches().size(); ++l) {
                launch(function, variant.launches().get(l), infos, where + ", variant " + v + ", launch " + l);
            }
        }
    }

    private void launch(PlanFunction function, Launch launch, JsonNode[] infos, String where) {
        if (launch.kernel() < 0 || launch.kernel() >= infos.length) {
            throw new ImageException(where + ": kernel " + launch.kernel() + " of " + infos.length);
        }
        checkSignature(launch, infos[launch.kernel()], where + " of " + infos[launch.kernel()].path("name").asText());
        int32(launch.kernel());
        int32(launch.operands().size());
        for (Operand operand : launch.operands()) {
            int32(operand.kind().ordinal());
            switch (operand.kind()) {
                case ARGUMENT -> index(operand, function.tensorTypes().size(), where);
                case OUTPUT -> index(operand, function.outputs().size(), where);
                case SCRATCH -> index(operand, plan.scratchBytes().size(), where);
                case KV -> index(operand, plan.kvBytesPerPosition().size(), where);
                case PARAM -> index(operand, plan.params().size(), where);
                case INT -> expr(operand.value());
                case FLOAT -> int32(Float.floatToRawIntBits(operand.number()));
                default -> throw new ImageException(where + ": operand " + operand.kind());
            }
        }
        expr(launch.gridX());
        int32(launch.gridY() == null ? 0 : 1);
        if (launch.gridY() != null) {
            expr(launch.gridY());
        }
    }

    private static void checkSignature(Launch launch, JsonNode info, String where) {
        JsonNode types = info.path("arg_types");
        if (types.size() != launch.operands().size()) {
            throw new ImageException(where + ": " + launch.operands().size() + " operands for the " + types.size()
                    + " arg_types of its finfo");
        }
        int buffers = 0;
        for (int i = 0; i < types.size(); ++i) {
            String type = types.get(i).asText();
            String fits;
            switch (launch.operands().get(i).kind()) {
                case INT -> fits = type.startsWith("int") || type.startsWith("uint") ? type : "int32";
                case FLOAT -> fits = type.startsWith("float") ? type : "float32";
                default -> {
                    fits = "handle";
                    ++buffers;
                }
            }
            if (!fits.equals(type)) {
                throw new ImageException(where + ": operand " + i + " is " + launch.operands().get(i).kind()
                        + ", but arg_types says " + type);
            }
        }
        int grids = 0;
        int flags = 0;
        for (JsonNode tag : info.path("launch_param_tags")) {
            String text = tag.asText();
            if (text.startsWith("paramWriteAccess:")) {
                flags = json(text.substring(text.indexOf(':') + 1), "paramWriteAccess, " + where).size();
            } else if (text.equals(grids == 0 ? "blockIdx.x" : "blockIdx.y") && grids < 2) {
                ++grids;
            } else {
                throw new ImageException(where + ": launch_param_tags may be blockIdx.x, then blockIdx.y, and"
                        + " paramWriteAccess; found " + text);
            }
        }
        if (grids != (launch.gridY() == null ? 1 : 2)) {
            throw new ImageException(where + ": its finfo has " + grids + " blockIdx tags, the launch another number");
        }
        if (flags != buffers) {
            throw new ImageException(where + ": paramWriteAccess has " + flags + " flags for " + buffers + " buffers");
        }
    }

    private void index(Operand operand, int limit, String where) {
        if (operand.index() < 0 || operand.index() >= limit) {
            throw new ImageException(where + ": " + operand.kind() + " " + operand.index() + " is not below " + limit);
        }
        int32(operand.index());
    }

    private void expr(Expr expr) {
        int32(nodes(expr));
        postfix(expr);
    }

    private static int nodes(Expr expr) {
        return expr.left() == null ? 1 : 1 + nodes(expr.left()) + nodes(expr.right());
    }

    private void postfix(Expr expr) {
        if (expr.left() != null) {
            postfix(expr.left());
            postfix(expr.right());
        }
        int32(expr.op().ordinal());
        if (expr.op() == Expr.Op.CONST || expr.op() == Expr.Op.DIM || expr.op() == Expr.Op.OFFSET) {
            int32(expr.a());
            int32(expr.b());
        }
    }

    private void text(String text, String where) {
        for (int i = 0; i < text.length(); ++i) {
            if (text.charAt(i) == 0 || text.charAt(i) > 127) {
                throw new ImageException(where + ": character " + i + " (code " + (int) text.charAt(i)
                        + ") is not ASCII; WebLLM cannot read it");
            }
        }
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        int32(bytes.length);
        out.write(bytes, 0, bytes.length);
        out.write(0);
    }

    private static JsonNode json(String text, String where) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new ImageException(where + ": not JSON: " + e.getOriginalMessage());
        }
    }

    private void int32(int value) {
        out.write(value);
        out.write(value >>> 8);
        out.write(value >>> 16);
        out.write(value >>> 24);
    }

    private static void patch(byte[] image, int offset, int value) {
        for (int i = 0; i < 4; ++i) {
            image[offset + i] = (byte) (value >>> 8 * i);
        }
    }
}
