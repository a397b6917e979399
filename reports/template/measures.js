(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("duties").textContent);
  var field = document.getElementById("day");
  var told = document.getElementById("told");
  var rows = document.querySelectorAll("tr[data-line]");
  var measures = document.querySelectorAll(".measure");
  var markers = document.querySelectorAll(".bar .marker");
  var span = Date.parse(data.last) - Date.parse(data.first), shown = data.day;

  function on(steps, day) {
    var found = steps[0];
    steps.forEach(function (step) { if (step.from <= day) { found = step; } });
    return found;
  }
  // The first of a month in French is raised, as where no script writes it.
  function put(place, text) {
    place.textContent = text;
    place.innerHTML = place.innerHTML.replace(/\b1er\b/g, "1<sup>er</sup>");
  }
  function link(id) {
    var item = document.createElement("li"), one = document.createElement("a");
    one.href = "#measure-" + id;
    one.textContent = data.titles[id];
    item.append(one);
    return item;
  }
  function fill(row, step) {
    row.querySelector(".duty").textContent = step.duty;
    put(row.querySelector(".note"), step.note);
    put(row.querySelector(".since"), step.since);
    put(row.querySelector(".until"), step.until);
    row.querySelector(".because").replaceChildren.apply(row.querySelector(".because"), step.measures.map(link));
  }
  function show(day, wanted) {
    var place = (100 * (Date.parse(day) - Date.parse(data.first))) / span + "%";
    shown = day;
    rows.forEach(function (row) { fill(row, on(data.steps[row.dataset.line], day)); });
    measures.forEach(function (one) {
      var begun = one.dataset.from ? one.dataset.from <= day : one.dataset.standing === "yes";
      one.classList.toggle("off", !begun || (one.dataset.to !== "" && one.dataset.to < day));
    });
    var said = on(data.answers, day);
    put(document.getElementById("answer"), said.answer.replace(said.since, written(day)));
    document.querySelector(".in-force").textContent = document.querySelectorAll(".measure:not(.off)").length;
    markers.forEach(function (line) { line.setAttribute("x1", place); line.setAttribute("x2", place); });
    document.querySelectorAll(".on-day").forEach(function (one) { put(one, written(day)); });
    put(told, wanted === day ? "" : told.dataset.words.replace("{day}", written(day)));
  }
  function cell(label, text, inside) {
    var one = document.createElement("td"), held = inside ? document.createElement(inside) : one;
    one.dataset.label = label;
    put(held, text);
    if (inside) { one.append(held); }
    return one;
  }
  function changed(row, old, step, labels) {
    var item = document.createElement("tr"), goods = row.querySelector("th").cloneNode(true);
    var direction = document.createElement("small");
    direction.textContent = row.closest("table").caption.textContent;
    goods.append(direction);
    item.append(goods, cell(labels[1], step.since), cell(labels[2], old.duty), cell(labels[3], step.duty, "strong"));
    return {from: step.from, line: Number(row.dataset.line), item: item};
  }
  function near(side, day) {
    var within = side.dataset.side === "last" ? [1 - data.near, 0] : [1, data.near], found = [];
    var labels = Array.from(side.querySelectorAll("thead th"), function (one) { return one.textContent; });
    rows.forEach(function (row) {
      data.steps[row.dataset.line].forEach(function (step, place, all) {
        var days = (Date.parse(step.from) - Date.parse(day)) / 864e5;
        if (place && step.duty !== all[place - 1].duty && days >= within[0] && days <= within[1]) {
          found.push(changed(row, all[place - 1], step, labels));
        }
      });
    });
    found.sort(function (one, two) { return one.from < two.from ? -1 : one.from > two.from ? 1 : one.line - two.line; });
    var body = side.querySelector("tbody");
    body.replaceChildren.apply(body, found.map(function (one) { return one.item; }));
    side.querySelector(".none").hidden = found.length > 0;
    side.querySelector(".scroll").hidden = found.length === 0;
  }
  function written(day) {
    var parts = day.split("-").map(Number);
    return [parts[2] === 1 ? data.first_of_month : parts[2], data.months[parts[1] - 1], parts[0]].join("\u00a0");
  }
  function choose(wanted) {
    field.value = wanted;
    if (!field.value) { wanted = field.value = shown; }  // a day that no calendar has leaves the field empty
    var day = wanted < data.first ? data.first : wanted > data.last ? data.last : wanted;
    show(day, wanted);
    field.value = day;
    var end = day === data.day ? "" : "#on=" + day;
    history.replaceState(null, "", end || location.pathname);
    document.querySelectorAll("a[hreflang]").forEach(function (one) { one.hash = end; });
  }
  function typed() { if (field.value && field.checkValidity()) { choose(field.value); } }
  function opened() {
    var wanted = /^#on=(\d{4}-\d\d-\d\d)\b/.exec(location.hash), named = document.getElementById(location.hash.slice(1));
    if (wanted) { choose(wanted[1]); }
    if (named && named.matches(".measure")) { named.querySelector("details").open = true; }
  }
  function today() {
    var now = new Date();
    return [now.getFullYear(), String(now.getMonth() + 1).padStart(2, "0"), String(now.getDate()).padStart(2, "0")].join("-");
  }

  document.getElementById("choose").hidden = false;
  put(document.querySelector(".reader-day"), written(today()));
  document.querySelectorAll(".near").forEach(function (side) { near(side, today()); });
  field.addEventListener("input", typed);
  field.addEventListener("blur", function () { choose(field.value); });
  document.getElementById("today").addEventListener("click", function () { choose(today()); });
  document.getElementById("newest").addEventListener("click", function () { choose(data.day); });
  window.addEventListener("hashchange", opened);
  opened();
})();
