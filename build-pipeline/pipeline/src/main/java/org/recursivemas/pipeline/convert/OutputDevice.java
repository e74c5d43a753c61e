package org.recursivemas.pipeline.convert;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where output files are created. Tests put a device in its place that runs full. */
interface OutputDevice {
    /** Creates a file; closing the stream makes its bytes durable. */
    OutputStream create(Path file) throws IOException;

    /** Bytes that can still be written in an existing folder. */
    long usableSpace(Path folder) throws IOException;

    /** The file system. */
    OutputDevice DISK = new OutputDevice() {
        @Override
        public OutputStream create(Path file) throws IOException {
            return new FileOutputStream(file.toFile()) {
                @Override
                public void close() throws IOException {
                    try {
                        // Without this, a power cut after the final rename could leave the folder with empty
                        // files.
                        if (getFD().valid()) {
                            getFD().sync();
                        }
                    } finally {
                        super.close();
                    }
                }
            };
        }

        @Override
        public long usableSpace(Path folder) throws IOException {
            return Files.getFileStore(folder).getUsableSpace();
        }
    };
}
