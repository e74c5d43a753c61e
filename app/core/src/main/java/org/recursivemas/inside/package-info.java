/** What latent vectors look like: norms, angles, a projection of their path, the tokens they are nearest to. */
package org.recursivemas.inside;
