(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("map-data").textContent), say = data.messages;
  var stage = document.querySelector(".stage"), map = stage.querySelector("svg"), chosen = document.getElementById("chosen");
  var field = document.getElementById("place"), rows = document.querySelectorAll("tr[data-region]");
  var language = document.documentElement.lang, whole = new Intl.NumberFormat(language);
  var percent = new Intl.NumberFormat(language, {style: "percent", maximumFractionDigits: 1});
  var ACRES = 2.47105, here = -1;
  var places = data.places.map(function (one) {
    return {name: one[0], province: data.titles[one[1]], region: one[2], area: one[3], grade: one[4], share: one[5], x: one[6], y: one[7]};
  });

  function fill(words, parts) { return words.replace(/\{(\w+)\}/g, function (all, key) { return parts[key]; }); }
  function put(id, text) { document.getElementById(id).textContent = text; }
  function path(place) { return document.getElementById("s" + place).getAttribute("d"); }
  function mark(region) { rows.forEach(function (row) { row.classList.toggle("on", row.dataset.region === region); }); }
  function full(one) { return one.name + ", " + one.province; }
  // As it is typed: without accents, and with whatever apostrophe and points a keyboard has.
  function bare(name) { return name.normalize("NFD").replace(/[\u0300-\u036f.'\u2019]/g, "").trim().toLowerCase(); }
  function card(name, region, details) {
    put("card-name", name);
    put("card-region", region);
    document.querySelector(".card dl").hidden = !details;
  }
  function show(place) {
    var one = places[place], known = one.area !== null, grade = say[one.grade];
    here = place;
    chosen.setAttribute("d", path(place));
    card(one.name, fill(say.region, one), true);
    put("card-area", known ? fill(say.hectares, {area: whole.format(one.area)}) : say.withheld);
    put("card-acres", known ? whole.format(Math.round(one.area * ACRES / 100) * 100) : say.withheld);
    put("card-share", known ? percent.format(one.share) : say.withheld);
    put("card-grade", grade);
    mark(one.region);
    var area = known ? fill(say.area, {area: whole.format(one.area)}) : say.withheld;
    stage.setAttribute("aria-valuenow", place);
    stage.setAttribute("aria-valuetext", fill(say.told, {name: one.name, province: one.province, area: area, grade: grade}));
  }
  function outline(region) {
    var within = places.map(function (one, place) { return one.region === region ? place : -1; }).filter(function (place) { return place >= 0; });
    chosen.setAttribute("d", within.map(path).join(""));
    mark(region);
    var cells = document.querySelector("tr.on").cells, stake = cells[2].textContent;
    var told = [fill(say.area, {area: cells[1].textContent}), /\d/.test(stake) ? fill(say.stake, {stake: stake}) : say.no_stake];
    card(fill(say.region, places[within[0]]), told.join("; "), false);
  }
  function pointed(event) {
    var found = /^s(\d+)$/.exec(event.target.id);
    if (found && Number(found[1]) !== here) { show(Number(found[1])); }
  }
  function seen() { document.querySelector(".card").scrollIntoView({block: "nearest"}); }
  function next(right, down) {
    var from = places[here], best = here, least = Infinity;
    places.forEach(function (one, place) {
      var x = one.x - from.x, y = one.y - from.y, along = x * right + y * down, aside = Math.abs(x * down) + Math.abs(y * right);
      if (place !== here && along > 0 && aside <= along && along + 2 * aside < least) { least = along + 2 * aside; best = place; }
    });
    return best;
  }
  function pressed(event) {
    var way = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    var end = {Home: 0, End: places.length - 1}[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey || (!way && end === undefined)) { return; }
    event.preventDefault();
    show(end !== undefined ? end : here < 0 ? Math.floor(places.length / 2) : next(way[0], way[1]));
  }
  function typed() {
    var wanted = bare(field.value);
    if (!wanted) { return; }
    var place = places.findIndex(function (one) { return bare(full(one)) === wanted; });
    if (place < 0) { place = places.findIndex(function (one) { return bare(one.name).indexOf(wanted) === 0; }); }
    if (place < 0) {
      here = -1;
      chosen.setAttribute("d", "");
      card(fill(say.unknown, {name: field.value.trim()}), say.drawn + " " + document.getElementById("elsewhere").textContent, false);
      mark("");
    } else { show(place); }
    seen();
  }

  document.getElementById("places").append.apply(document.getElementById("places"), places.map(function (one) {
    var option = document.createElement("option");
    option.value = full(one);
    return option;
  }));
  document.querySelector(".panel").hidden = false;
  map.setAttribute("aria-hidden", "true");
  Object.entries({role: "slider", tabindex: 0, "aria-label": say.slider, "aria-valuemin": 0, "aria-valuemax": places.length - 1,
    "aria-valuenow": 0, "aria-valuetext": say.none}).forEach(function (one) { stage.setAttribute(one[0], one[1]); });
  map.addEventListener("pointermove", pointed);
  map.addEventListener("pointerdown", pointed);
  map.addEventListener("click", seen);
  stage.addEventListener("keydown", pressed);
  field.addEventListener("change", typed);
  rows.forEach(function (row) { row.querySelector("a").addEventListener("click", function () { outline(row.dataset.region); }); });
})();
