package org.recursivemas.library;

import java.util.List;

/** One dispatch of a kernel. */
public final class Launch {
    private final int kernel;
    private final List<Operand> operands;
    private final Expr gridX;
    private final Expr gridY;

    /**
     * @param kernel index into {@link LibraryPlan#kernels}
     * @param operands buffers and scalars in the order of the kernel's {@code arg_types}
     * @param gridX workgroups in x; the kernel declares the tag {@code blockIdx.x}. A launch whose grid is 0 is left
     * out
     * @param gridY workgroups in y, at most 65535, or null when the kernel declares no {@code blockIdx.y}
     */
    public Launch(int kernel, List<Operand> operands, Expr gridX, Expr gridY) {
        this.kernel = kernel;
        this.operands = List.copyOf(operands);
        this.gridX = gridX;
        this.gridY = gridY;
    }

    public int kernel() {
        return kernel;
    }

    public List<Operand> operands() {
        return operands;
    }

    public Expr gridX() {
        return gridX;
    }

    public Expr gridY() {
        return gridY;
    }
}
