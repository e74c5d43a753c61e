"use strict";
// The page of the tests needs no engine; the site's page loads one under this name.
