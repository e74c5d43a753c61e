"use strict";
// Completes the page's Content-Security-Policy before any other script runs: requests go to this origin, and to the
// origins that a person chose by the page's address: that of a team (?team=ADDRESS), those of models (?models=ADDRESS,
// once for each), and those of wikis that searches may ask (?search=wikipedia, ?search=wikipedia-de, ?search=ADDRESS). Policies only add up, so nothing that runs later can loosen this; the worker inherits it.
(function () {
  var origins = "";
  var query = new URLSearchParams(location.search);
  var wikis = query.getAll("search").map(function (asked) {
    var edition = /^wikipedia(?:-([a-z][a-z-]*))?$/.exec(asked.trim());
    return edition ? "https://" + (edition[1] || "en") + ".wikipedia.org" : asked.trim();
  });
  query.getAll("team").concat(query.getAll("models"), wikis).forEach(function (address) {
    try {
      var url = new URL(address, document.baseURI);
      if (/^https?:$/.test(url.protocol) && url.origin !== location.origin) {
        origins += " " + url.origin;
      }
      if (url.host === "huggingface.co") {
        origins += " https://*.huggingface.co https://*.hf.co"; // where this host sends requests for large files
      }
    } catch (error) {
      // no address: the page says so when it is used
    }
  });
  var policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "connect-src 'self' blob:" + origins;
  document.head.appendChild(policy);
})();
