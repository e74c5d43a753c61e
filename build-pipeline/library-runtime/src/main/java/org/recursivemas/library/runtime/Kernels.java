package org.recursivemas.library.runtime;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.library.LibraryImage;

/** The kernels of the library and their launchers: prebuilt by tvmjs, or built when first launched. */
final class Kernels {
    private final int base;
    private final List<LibraryImage.KernelText> kernels;
    private final JsFunction[] launchers;
    private final Map<String, Integer> indices = new HashMap<>();

    /** @param base address of the image */
    Kernels(int base, List<LibraryImage.KernelText> kernels) {
        this.base = base;
        this.kernels = kernels;
        launchers = new JsFunction[kernels.size()];
        for (int i = 0; i < launchers.length; ++i) {
            indices.put(kernels.get(i).name(), i);
        }
    }

    /** WGSL text of a kernel. */
    BytesObj shader(String name) {
        return text(kernels.get(index(name)).wgsl());
    }

    private BytesObj text(LibraryImage.Range range) {
        return BytesObj.permanentText(base + range.offset(), range.length());
    }

    private int index(String name) {
        Integer index = indices.get(name);
        if (index == null) {
            throw new LibraryException("the library has no kernel " + name);
        }
        return index;
    }

    /** Keeps the launcher that tvmjs built. */
    void updatePrebuilt(String name, FunctionObj launcher) {
        if (!(launcher instanceof JsFunction)) {
            throw new LibraryException("the launcher of kernel " + name + " is not a JavaScript function");
        }
        int index = index(name);
        launcher.retain();
        if (launchers[index] != null) {
            launchers[index].release();
        }
        launchers[index] = (JsFunction) launcher;
    }

    JsFunction launcher(int index) {
        JsFunction launcher = launchers[index];
        if (launcher == null) {
            LibraryImage.KernelText kernel = kernels.get(index);
            BytesObj finfo = text(kernel.finfo());
            BytesObj wgsl = text(kernel.wgsl());
            launcher = Gpu.createShader(finfo, wgsl, kernel.name());
            finfo.release();
            wgsl.release();
            launchers[index] = launcher;
        }
        return launcher;
    }
}
