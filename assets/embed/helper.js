/** NorthStar P&L: puts a panel into a page, keeps its height, renews its token. See docs/how-to/embed-a-panel.md. */
(function () {
  "use strict";
  var script = document.currentScript;
  var home = script && script.src ? new URL(script.src).origin : location.origin;

  function embed(place, options) {
    var origin = new URL(options.server || home, location.href).origin;
    var frame = document.createElement("iframe");
    var asking = false;
    var timer = 0;
    var wait = 0;
    var over = false;

    function tell(type, more) {
      /** A sandboxed frame has no origin to name: what is told goes to this one frame of ours. */
      if (frame.contentWindow) frame.contentWindow.postMessage(Object.assign({ type: "northstar:" + type }, more), "*");
    }

    function later(token) {
      clearTimeout(timer);
      try {
        var part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
        var exp = JSON.parse(atob(part)).exp;
        if (exp) timer = setTimeout(renew, Math.max(10000, exp * 1000 - Date.now() - 60000));
      } catch (_) { /** a link of the server's own lasts, and is not renewed */ }
    }

    function renew() {
      if (asking || over || !options.renew) return;
      asking = true;
      Promise.resolve().then(options.renew).then(function (token) {
        wait = 0;
        tell("token", { token: token });
        later(token);
      }).catch(function () {
        wait = Math.min(60000, wait * 2 || 5000);
        timer = setTimeout(renew, wait);
      }).then(function () { asking = false; });
    }

    function heard(event) {
      if (event.source !== frame.contentWindow || (event.origin !== origin && event.origin !== "null")) return;
      var data = event.data || {};
      if (data.type === "northstar:size" && data.height > 0 && options.height !== "fixed") frame.style.height = Math.min(4000, +data.height) + "px";
      if (data.type === "northstar:expired") renew();
      if (options.on && typeof data.type === "string" && data.type.indexOf("northstar:") === 0) options.on(data.type.slice(10), data);
    }

    function show(token) {
      if (over) return;
      var query = new URLSearchParams({ token: token });
      ["theme", "range", "from", "to", "g", "compare", "refresh", "tz", "title", "bg", "h"].forEach(function (name) {
        if (options[name] !== undefined) query.set(name, options[name]);
      });
      frame.src = origin + "/embed/" + encodeURIComponent(options.panel) + "?" + query;
      later(token);
    }

    frame.title = options.label || "NorthStar P&L";
    /** true, or nothing said, is the sandbox that a panel needs; false is none; a text is another one. */
    if (options.sandbox !== false) frame.setAttribute("sandbox", typeof options.sandbox === "string" ? options.sandbox : "allow-scripts allow-popups");
    frame.loading = "lazy";
    frame.style.cssText = "width:100%;border:0;height:320px";
    addEventListener("message", heard);
    place.appendChild(frame);
    if (options.token) show(options.token);
    else Promise.resolve().then(options.renew).then(show);

    return {
      frame: frame,
      set: function (values) { tell("set", values); },
      remove: function () {
        over = true;
        clearTimeout(timer);
        removeEventListener("message", heard);
        frame.remove();
      }
    };
  }

  window.northstarEmbed = embed;
})();
