/** Tools that the deciding agent may call in its last text. They need no network: a calculator, a search over a corpus. */
package org.recursivemas.tools;
