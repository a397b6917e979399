(function () {
  "use strict";
  var store = document.getElementById("explorer-data");
  if (!store) { return; }
  var data = JSON.parse(store.textContent);
  var root = document.getElementById("explorer");
  var said = document.getElementById("explorer-said");
  var share = document.getElementById("explorer-share");
  var presets = root.querySelectorAll("[data-preset]");
  var MINUS = "\u2212", IDLE = 400, THOUSANDS = /\B(?=(\d{3})+(?!\d))/g, writing = data.writing;
  var now = {}, later = 0, parts = {};

  function scale(lever) { return lever.unit === "rate" ? 100 : 1; }
  function grouped(digits) { return digits.replace(THOUSANDS, writing.thousands); }
  function typed(lever, value) { return String(+(value * scale(lever)).toFixed(6)); }
  function setting(lever, value) {
    return lever.unit === "rate" ? typed(lever, value).replace(".", writing.decimal) + writing.percent : grouped(String(Math.round(value)));
  }

  // Numbers are written as the tables of the page are: so many significant digits, ties to the even one.
  function significant(size, digits) {
    var power = digits - 1 - Math.floor(Math.log10(size));
    var shifted = power >= 0 ? size * Math.pow(10, power) : size / Math.pow(10, -power);
    var whole = Math.round(shifted);
    if (Math.abs(shifted - Math.floor(shifted) - 0.5) < 1e-9 && whole % 2) { whole -= 1; }
    return power >= 0 ? whole / Math.pow(10, power) : whole * Math.pow(10, -power);
  }
  function plain(size) {
    if (size === 0) { return "0"; }
    var short = significant(size, data.digits);
    var places = short.toFixed(Math.max(data.digits - 1 - Math.floor(Math.log10(short)), 0)).split(".");
    places[0] = grouped(places[0]);
    return places.join(writing.decimal);
  }
  function dollars(size) {
    var short = size && significant(size, data.digits);
    var scale = short >= 1e9 ? 2 : short >= 1e6 ? 1 : 0, around = writing.dollars[scale];
    return around[0] + plain(short / Math.pow(1000, scale && scale + 1)) + around[1];
  }
  function number(value, unit) {
    var size = Math.abs(value), sign = value < 0 ? MINUS : "";
    if (unit === "change") { return (value > 0 ? "+" : sign) + plain(size && significant(size, data.digits) * 100) + writing.percent; }
    return sign + (unit.indexOf("CAD") === 0 ? dollars(size) : plain(size));
  }
  function direction(low, value, high) {
    if (value === 0) { return low === 0 && high === 0 ? "none" : "rarely"; }
    if (low >= 0 && value > 0) { return "rise"; }
    return high <= 0 && value < 0 ? "fall" : "open";
  }
  function filled(message, words) {
    return message.replace(/\{(\w+)\}/g, function (_, name) { return words[name]; });
  }

  // Straight lines between the nodes of each lever; the last lever varies fastest.
  function between(outcome, values) {
    var places = [[0, 1]];
    outcome.axes.forEach(function (axis) {
      var nodes = axis.nodes, here = now[axis.lever], at = 0;
      while (at < nodes.length - 2 && nodes[at + 1] <= here) { at += 1; }
      var part = (here - nodes[at]) / (nodes[at + 1] - nodes[at]), next = [];
      places.forEach(function (one) {
        next.push([one[0] * nodes.length + at, one[1] * (1 - part)], [one[0] * nodes.length + at + 1, one[1] * part]);
      });
      places = next;
    });
    return places.reduce(function (sum, one) { return one[1] ? sum + one[1] * values[one[0]] : sum; }, 0) * outcome.scale;
  }

  function draw(outcome) {
    var part = parts[outcome.key], suffix = data.suffixes[outcome.unit];
    var low = between(outcome, outcome.low), value = between(outcome, outcome.value), high = between(outcome, outcome.high);
    var way = direction(low, value, high), ends = way === "fall" ? [-high, -low] : [low, high];
    var place = function (one) { return (100 * (one - outcome.domain[0])) / (outcome.domain[1] - outcome.domain[0]) + "%"; };
    part.value.textContent = way === "none" ? data.unchanged : number(value, outcome.unit) + suffix;
    part.says.textContent = filled(outcome.messages[way], {
      low: number(ends[0], outcome.unit), high: number(ends[1], outcome.unit) + suffix
    });
    part.range.setAttribute("x1", place(low));
    part.range.setAttribute("x2", place(high));
    part.dot.setAttribute("cx", place(value));
    return part.value.textContent;
  }

  function show(source) {
    var words = {};
    data.levers.forEach(function (lever) {
      var field = parts[lever.key].field, slider = parts[lever.key].slider;
      words[lever.key] = setting(lever, now[lever.key]);
      if (source !== field) { field.value = typed(lever, now[lever.key]); warn(lever, true); }
      if (source !== slider) { slider.value = typed(lever, now[lever.key]); }
      slider.setAttribute("aria-valuetext", words[lever.key]);
    });
    data.outcomes.forEach(function (outcome) { words[outcome.key] = draw(outcome); });
    presets.forEach(function (button) {
      var levers = data.presets[button.dataset.preset].levers;
      button.setAttribute("aria-pressed", String(data.levers.every(function (one) { return levers[one.key] === now[one.key]; })));
    });
    return words;
  }
  function address() {
    return "#" + data.levers.map(function (lever) { return lever.key + "=" + typed(lever, now[lever.key]); }).join("&");
  }
  function link() {
    share.querySelector("a").href = address();
    share.querySelector("a").textContent = address();
  }
  // Browsers refuse to change the address with every step of a slider, and nobody listens to every step.
  function move(source) {
    var words = show(source);
    clearTimeout(later);
    later = setTimeout(function () {
      link();
      history.replaceState(null, "", address());
      said.textContent = filled(data.said, words);
    }, IDLE);
  }
  function warn(lever, right) {
    var part = parts[lever.key], words = right ? "" : part.wrong.dataset.words;
    if (part.wrong.textContent !== words) { part.wrong.textContent = words; }
    part.field.setAttribute("aria-invalid", String(!right));
  }
  function inside(lever, value) {
    var whole = lever.unit === "rate" ? value : Math.round(value);
    return Math.min(Math.max(whole, lever.low), lever.high);
  }
  function read(lever, text) { return text === "" ? NaN : +(Number(text) / scale(lever)).toFixed(10); }

  function listen(lever) {
    var part = parts[lever.key];
    part.slider.addEventListener("input", function () {
      now[lever.key] = inside(lever, read(lever, part.slider.value));
      move(part.slider);
    });
    part.field.addEventListener("input", function () {
      var value = read(lever, part.field.value), right = value >= lever.low && value <= lever.high;
      warn(lever, right);
      if (right) { now[lever.key] = inside(lever, value); move(part.field); }
    });
    part.field.addEventListener("change", function () {
      var value = read(lever, part.field.value);
      if (!isNaN(value)) { now[lever.key] = inside(lever, value); }
      move(null);
    });
  }
  function opened() {
    var asked = new URLSearchParams(location.hash.slice(1)), some = false;
    data.levers.forEach(function (lever) {
      var value = asked.has(lever.key) ? read(lever, asked.get(lever.key)) : NaN;
      if (!isNaN(value)) { now[lever.key] = inside(lever, value); some = true; }
    });
    if (some) { show(null); link(); }
    return some;
  }

  data.levers.forEach(function (lever) {
    var box = root.querySelector('[data-lever="' + lever.key + '"]');
    parts[lever.key] = {
      field: box.querySelector("[type=number]"), slider: box.querySelector("[type=range]"), wrong: box.querySelector(".wrong")
    };
    now[lever.key] = lever.start;
    listen(lever);
  });
  data.outcomes.forEach(function (outcome) {
    var box = root.querySelector('[data-outcome="' + outcome.key + '"]');
    parts[outcome.key] = {
      value: box.querySelector(".value"), says: box.querySelector(".says"),
      range: box.querySelector(".range"), dot: box.querySelector("circle")
    };
  });
  presets.forEach(function (button) {
    button.addEventListener("click", function () {
      Object.assign(now, data.presets[button.dataset.preset].levers);
      move(null);
    });
  });
  window.addEventListener("hashchange", opened);
  root.querySelector(".levers").hidden = false;
  share.hidden = false;
  show(null);
  link();
  if (opened()) { root.scrollIntoView(); }
})();
