"use strict";
// Completes the page's Content-Security-Policy before any other script runs: requests go to this origin, and to the
// origin of the team that a person chose by the page's address (?team=ADDRESS). Policies only add up, so nothing that runs
// later can loosen this; the worker inherits it.
(function () {
  var origins = "";
  var team = new URLSearchParams(location.search).get("team");
  if (team) {
    try {
      var url = new URL(team, document.baseURI);
      if (/^https?:$/.test(url.protocol) && url.origin !== location.origin) {
        origins = " " + url.origin;
      }
      if (url.host === "huggingface.co") {
        origins += " https://*.huggingface.co https://*.hf.co"; // where this host sends requests for large files
      }
    } catch (error) {
      origins = ""; // no address: the page says so when it opens the team
    }
  }
  var policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "connect-src 'self' blob:" + origins;
  document.head.appendChild(policy);
})();
