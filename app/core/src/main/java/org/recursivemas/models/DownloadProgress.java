package org.recursivemas.models;

/**
 * How far a download is.
 *
 * @param done bytes that are there, those of earlier visits included
 * @param total bytes in all; 0 until the lists of files have been read
 * @param perSecond bytes a second that come in; 0 while that is not known
 * @param file name of the file at work, or ""
 * @param checking whether that file is read from the cache and compared, not downloaded
 */
public record DownloadProgress(long done, long total, double perSecond, String file, boolean checking) {
    /** Seconds left at this rate, or -1 while that is not known. */
    public double secondsLeft() {
        return perSecond <= 0 || total == 0 || checking ? -1 : (total - done) / perSecond;
    }

    public double fraction() {
        return total == 0 ? 0 : Math.min(1, (double) done / total);
    }
}
