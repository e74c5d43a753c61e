package org.recursivemas.bridge;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.recursivemas.bridge.kernels.KernelPage;

/** Device, link kernels and probe in Chromium, in this order on one page. */
class KernelsInBrowserTest {
    private static final List<String> CASES = List.of("deviceOpens", "bufferKeepsWhatIsWritten",
            "errorsAreReportedOnce",
            "errorScopesCapture", "brokenKernelIsRefused", "linksMatchJava", "formulasWithTanhMatchJava",
            "manyRowsMatchJava", "halvesMatchJava",
            "overflowInHalvesIsNotFinite", "probeSeesNormsAndBrokenRows", "meanCosineMatchesJava",
            "cosineOfMeansMatchesJava", "timerAddsUpPasses", "linkSpeed",
            "lostDeviceIsReported");
    private static TestBrowser browser;

    @BeforeAll
    static void open() throws Exception {
        browser = TestBrowser.open(KernelPage.class, Map.of());
    }

    @AfterAll
    static void close() {
        if (browser != null) {
            browser.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> onTheGpu() {
        return CASES.stream().map(name -> DynamicTest.dynamicTest(name, () -> browser.run(name)));
    }
}
