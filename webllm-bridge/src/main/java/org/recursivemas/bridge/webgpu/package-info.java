/** WebGPU under the specification's own names (https://www.w3.org/TR/webgpu/), as far as compute needs it. */
package org.recursivemas.bridge.webgpu;
