(function () {
  "use strict";
  var REACH = 48; // pixels of the screen between a finger and the mark that it means
  var WAYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  var AREA = /<path transform="translate\(0,0\)" d="([^"]*)" fill="#/g, MOVED = /<g [^>]*transform="translate\(([\d.]+),([\d.]+)\)"/;
  var known = new Map(), drawn = new Map(), here = null, paper = document.createElement("canvas").getContext("2d");
  var box = document.createElement("div"), ring = document.createElement("div");
  box.className = "pointed";
  ring.className = "ring";
  box.hidden = ring.hidden = true;
  box.setAttribute("aria-hidden", "true"); // the table under the chart tells the same to who cannot point
  ring.setAttribute("aria-hidden", "true");
  document.body.append(ring, box);

  function read(figure) {
    if (!known.has(figure)) {
      var data = figure.querySelector("script.values");
      known.set(figure, data ? JSON.parse(data.textContent) : null);
    }
    return known.get(figure);
  }
  function nearest(places, x, y, reach) {
    var best = null, least = reach * reach;
    places.forEach(function (place) {
      var across = place[0] - x, down = (place[1] - y) / 2, far = across * across + down * down;
      if (far < least) { least = far; best = place; }
    });
    return best;
  }
  function areas(image) { // of a map, in the order of its places; of another chart none, or not as many
    if (!drawn.has(image.currentSrc)) {
      var svg = atob(image.currentSrc.split(",")[1]), moved = MOVED.exec(svg);
      var paths = Array.from(svg.matchAll(AREA), function (path) { return new Path2D(path[1]); });
      drawn.set(image.currentSrc, {paths: paths, left: moved ? Number(moved[1]) : 0, top: moved ? Number(moved[2]) : 0});
    }
    return drawn.get(image.currentSrc);
  }
  function pointedAt(image, all, x, y, reach) {
    var map = areas(image);
    if (map.paths.length !== all.length) { return nearest(all, x, y, reach); }
    return all[map.paths.findLastIndex(function (path) { return paper.isPointInPath(path, x - map.left, y - map.top); })];
  }
  function tell(heads, words) {
    var table = document.createElement("table");
    heads.forEach(function (head, number) {
      var row = table.insertRow();
      row.insertCell().textContent = head;
      row.insertCell().textContent = words[number];
    });
    box.replaceChildren(table);
  }
  function hide() { box.hidden = ring.hidden = true; here = null; }
  function put(left, top) {
    ring.hidden = box.hidden = false;
    ring.style.left = left + "px";
    ring.style.top = top + "px";
    var room = box.getBoundingClientRect(), right = left + 14, above = top - room.height - 14;
    box.style.left = Math.max(4, Math.min(right, document.documentElement.clientWidth - room.width - 4)) + "px";
    box.style.top = (above > 4 ? above : top + 14) + "px";
  }
  function places(image, data) { return image.currentSrc === image.src ? data.wide : data.narrow; }
  function show(image, data, place) {
    var frame = image.getBoundingClientRect(), scale = frame.width / image.naturalWidth, row = data.rows[place[2]];
    tell(data.heads[row[0]], row.slice(1));
    put(frame.left + place[0] * scale, frame.top + place[1] * scale);
    here = place;
  }
  function point(event) {
    var image = event.target.closest && event.target.closest("figure .still img");
    var data = image && read(image.closest("figure"));
    if (!data) { hide(); return; }
    var frame = image.getBoundingClientRect(), scale = frame.width / image.naturalWidth;
    var x = (event.clientX - frame.left) / scale, y = (event.clientY - frame.top) / scale;
    var place = pointedAt(image, places(image, data), x, y, REACH / scale);
    if (!place) { hide(); return; }
    show(image, data, place);
  }
  function next(all, way) {
    var best = here, least = Infinity;
    all.forEach(function (place) {
      var x = place[0] - here[0], y = place[1] - here[1], along = x * way[0] + y * way[1], aside = Math.abs(x * way[1]) + Math.abs(y * way[0]);
      if (along > 0 && aside <= along && along + 2 * aside < least) { least = along + 2 * aside; best = place; }
    });
    return best;
  }
  function pressed(event) {
    var still = event.target.matches("figure .still:not(.scroll)") && event.target;
    var way = !(event.altKey || event.ctrlKey || event.metaKey) && WAYS[event.key];  // not the browser's own
    var data = still && way && read(still.closest("figure"));
    if (!data) { hide(); return; }
    event.preventDefault();
    var image = still.querySelector("img"), all = places(image, data);
    show(image, data, all.indexOf(here) < 0 ? all[Math.floor(all.length / 2)] : next(all, way));
  }
  document.querySelectorAll("figure .still:not(.scroll)").forEach(function (still) { still.tabIndex = 0; });
  document.addEventListener("keydown", pressed);
  document.addEventListener("pointermove", point);
  document.addEventListener("pointerdown", point);
  document.addEventListener("scroll", hide, { capture: true, passive: true });
})();
