package org.recursivemas.compiler;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.library.LibraryPlan;

/**
 * Builds one WGSL kernel and its launch description. Buffers are bound in the order of their declaration, scalars follow in
 * a uniform struct that ends with the requested extent of the grid: the runtime folds wide grids into z, so the body gets
 * {@code block} (its number in the grid) only when that lies below the extent. The body also has {@code t}, the number of
 * the invocation in its workgroup.
 */
final class KernelSource {
    private final String name;
    private final List<String> buffers = new ArrayList<>();
    private final List<String> elementTypes = new ArrayList<>();
    private final List<Boolean> writable = new ArrayList<>();
    private final Map<String, String> scalars = new LinkedHashMap<>();
    private final StringBuilder declarations = new StringBuilder();

    KernelSource(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    /** A read-only storage buffer of elements. */
    KernelSource read(String buffer, String elementType) {
        return buffer(buffer, elementType, false);
    }

    /** A read-write storage buffer of elements. */
    KernelSource write(String buffer, String elementType) {
        return buffer(buffer, elementType, true);
    }

    /**
     * A read-only storage buffer of exactly {@code count} elements. A known size spares the compiler of the shader a check
     * of the length at every access, and WebGPU refuses a smaller buffer.
     */
    KernelSource read(String buffer, String elementType, long count) {
        return buffer(buffer, elementType + ", " + count, false);
    }

    private KernelSource buffer(String buffer, String elementType, boolean write) {
        buffers.add(buffer);
        elementTypes.add(elementType);
        writable.add(write);
        return this;
    }

    /** A u32 scalar, reached as {@code p.name}. */
    KernelSource scalar(String scalar) {
        scalars.put(scalar, "u32");
        return this;
    }

    /** A u32 constant. */
    KernelSource constant(String constant, long value) {
        declarations.append("const ").append(constant).append(" = ").append(value).append("u;\n");
        return this;
    }

    /** An f32 constant. */
    KernelSource constant(String constant, float value) {
        declarations.append("const ").append(constant).append(" : f32 = ").append(literal(value)).append(";\n");
        return this;
    }

    /** Declarations of module scope: functions, workgroup variables. */
    KernelSource declare(String text) {
        declarations.append(text);
        if (!text.endsWith("\n")) {
            declarations.append('\n');
        }
        return this;
    }

    /** Text that WGSL reads as exactly this value. */
    static String literal(float value) {
        if (Float.isNaN(value) || Float.isInfinite(value)) {
            throw new IllegalArgumentException("WGSL has no literal for " + value);
        }
        return Float.toString(value) + "f";
    }

    /** The kernel, with {@code body} as its entry point's statements. */
    LibraryPlan.Kernel build(int workgroupSize, String body) {
        if (workgroupSize < 1 || workgroupSize > 256) {
            throw new IllegalArgumentException(name + ": workgroup of " + workgroupSize + " invocations");
        }
        if (buffers.size() > 10) {
            throw new IllegalArgumentException(name + ": " + buffers.size() + " storage buffers");
        }
        StringBuilder wgsl = new StringBuilder();
        if (elementTypes.stream().anyMatch(type -> type.contains("f16"))) {
            wgsl.append("enable f16;\n");
        }
        StringBuilder argTypes = new StringBuilder();
        StringBuilder access = new StringBuilder();
        for (int i = 0; i < buffers.size(); i++) {
            wgsl.append("@group(0) @binding(").append(i).append(") var<storage, ")
                    .append(writable.get(i) ? "read_write" : "read").append("> ").append(buffers.get(i))
                    .append(" : array<").append(elementTypes.get(i)).append(">;\n");
            argTypes.append(i == 0 ? "" : ",").append("\"handle\"");
            access.append(i == 0 ? "" : ",").append(writable.get(i) ? 1 : 0);
        }
        wgsl.append("struct Scalars {\n");
        for (Map.Entry<String, String> scalar : scalars.entrySet()) {
            wgsl.append("    ").append(scalar.getKey()).append(" : ").append(scalar.getValue()).append(",\n");
            argTypes.append(",\"uint32\"");
        }
        wgsl.append("    grid_x : u32,\n}\n");
        wgsl.append("@group(0) @binding(").append(buffers.size()).append(") var<uniform> p : Scalars;\n");
        wgsl.append(declarations);
        wgsl.append("@compute @workgroup_size(").append(workgroupSize).append(")\n");
        wgsl.append("fn ").append(name).append("(@builtin(workgroup_id) group : vec3u, "
                + "@builtin(num_workgroups) groups : vec3u,\n    @builtin(local_invocation_id) local : vec3u) {\n");
        wgsl.append("let block = group.z * groups.x + group.x;\n");
        wgsl.append("if (block >= p.grid_x) { return; }\n");
        wgsl.append("let t = local.x;\n");
        wgsl.append(body);
        if (!body.endsWith("\n")) {
            wgsl.append('\n');
        }
        wgsl.append("}\n");
        String finfo = "{\"name\":\"" + name + "\",\"arg_types\":[" + argTypes + "],\"launch_param_tags\":[\"blockIdx.x\","
                + "\"paramWriteAccess:[" + access + "]\"],\"arg_extra_tags\":[]}";
        return new LibraryPlan.Kernel(name, finfo, wgsl.toString());
    }
}
