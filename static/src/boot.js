"use strict";
// Starts the application that app.js defined, or says that app.js did not arrive: nothing else could.
(function () {
  function fail(text) {
    var boot = document.getElementById("boot");
    if (boot) {
      boot.setAttribute("role", "alert");
      boot.textContent = text;
    }
  }
  if (document.querySelectorAll("meta[http-equiv='Content-Security-Policy']").length !== 2) {
    fail("The page could not start: policy.js did not load. Reload the page; if that does not help, the site is "
      + "incomplete.");
    return;
  }
  if (typeof globalThis.main !== "function") {
    fail("The page could not start: app.js did not load. Reload the page; if that does not help, the site is "
      + "incomplete.");
    return;
  }
  try {
    globalThis.main([]);
  } catch (error) {
    fail("The page could not start: " + (error && error.message ? error.message : error)
      + " Reload the page, or try a current version of the browser.");
    throw error;
  }
})();
