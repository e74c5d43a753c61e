/** The files of a team (team, links, problems) and what its agents should say while links are learned. */
package org.recursivemas.pipeline.links;
