(function () {
  "use strict";
  var REACH = 48; // pixels of the screen between a finger and the mark that it means
  var known = new Map();
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
  function tell(heads, words) {
    var table = document.createElement("table");
    heads.forEach(function (head, number) {
      var row = table.insertRow();
      row.insertCell().textContent = head;
      row.insertCell().textContent = words[number];
    });
    box.replaceChildren(table);
  }
  function hide() { box.hidden = ring.hidden = true; }
  function put(left, top) {
    ring.hidden = box.hidden = false;
    ring.style.left = left + "px";
    ring.style.top = top + "px";
    var room = box.getBoundingClientRect(), right = left + 14, above = top - room.height - 14;
    box.style.left = Math.max(4, Math.min(right, document.documentElement.clientWidth - room.width - 4)) + "px";
    box.style.top = (above > 4 ? above : top + 14) + "px";
  }
  function point(event) {
    var image = event.target.closest && event.target.closest("figure .still img");
    var figure = image && image.closest("figure"), data = figure && read(figure);
    if (!data) { hide(); return; }
    var frame = image.getBoundingClientRect(), scale = frame.width / image.naturalWidth;
    var places = image.currentSrc === image.src ? data.wide : data.narrow;
    var place = nearest(places, (event.clientX - frame.left) / scale, (event.clientY - frame.top) / scale, REACH / scale);
    if (!place) { hide(); return; }
    var row = data.rows[place[2]];
    tell(data.heads[row[0]], row.slice(1));
    put(frame.left + place[0] * scale, frame.top + place[1] * scale);
  }
  document.addEventListener("pointermove", point);
  document.addEventListener("pointerdown", point);
  document.addEventListener("scroll", hide, { capture: true, passive: true });
})();
