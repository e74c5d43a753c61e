/**
 * A team whose agents run in several browsers: the protocol between them, who does what when, and what they hand over.
 * Plain Java; the way between two peers is a {@link org.recursivemas.together.PeerChannel}.
 */
package org.recursivemas.together;
