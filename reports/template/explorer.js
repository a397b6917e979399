(function () {
  "use strict";
  var store = document.getElementById("explorer-data");
  if (!store) { return; }
  var data = JSON.parse(store.textContent);
  var root = document.getElementById("explorer");
  var said = document.getElementById("explorer-said");
  var share = document.getElementById("explorer-share");
  var presets = root.querySelectorAll("[data-preset]"), keep = document.getElementById("explorer-keep");
  var drop = document.getElementById("explorer-drop"), kept = document.getElementById("explorer-kept");
  var MINUS = "\u2212", IDLE = 400, MOST = 4, THOUSANDS = /\B(?=(\d{3})+(?!\d))/g, writing = data.writing;
  var UNITS = /(\d)[.,]? ?(%|cars|voitures)?$/i;
  // `now` holds every lever and choice, `asked` what is typed and cannot be shown, `before` the setting kept as A.
  var now = begun(), asked = {}, before = null, later = 0, parts = {};

  function begun() {
    var start = {};
    data.levers.forEach(function (lever) { start[lever.key] = lever.start; });
    data.choices.forEach(function (choice) { start[choice.key] = choice.options[0].key; });
    return start;
  }
  function scale(lever) { return lever.unit === "rate" ? 100 : 1; }
  function grouped(digits) { return digits.replace(THOUSANDS, writing.thousands); }
  function typed(lever, value) { return String(+(value * scale(lever)).toFixed(6)); }
  function written(lever, value) { return typed(lever, value).replace(".", writing.decimal); }
  function setting(lever, value) {
    return lever.unit === "rate" ? written(lever, value) + writing.percent : grouped(String(Math.round(value)));
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
    if (value === 0) { return low === 0 && high === 0 ? "none" : "zero_median"; }
    if (low >= 0 && value > 0) { return "rise"; }
    return high <= 0 && value < 0 ? "fall" : "undetermined";
  }
  function filled(message, words) {
    return message.replace(/\{(\w+)\}/g, function (_, name) { return words[name]; });
  }

  // A number has three bytes: a whole one of 21 bits, and in the last three where its point is beside the table's.
  function unpacked(table) {
    var text = atob(table.numbers), values = [];
    for (var at = 0; at < text.length; at += 3) {
      var bits = (text.charCodeAt(at) << 24 | text.charCodeAt(at + 1) << 16 | text.charCodeAt(at + 2) << 8) >> 8;
      values.push((bits >> 3) / Math.pow(10, table.decimals + (bits & 7)));
    }
    return values;
  }
  data.outcomes.forEach(function (outcome) {
    outcome.tables.forEach(function (table) { table.values = unpacked(table); });
  });

  // Cubics through the four nearest nodes between two joins; the last lever varies fastest.
  function weights(axis, here) {
    var nodes = axis.nodes, upper = 1;
    while (here > nodes[axis.joins[upper]] && upper < axis.joins.length - 1) { upper += 1; }
    var lower = axis.joins[upper - 1], some = nodes.slice(lower, axis.joins[upper] + 1), count = Math.min(MOST, some.length);
    var left = some.filter(function (node) { return node <= here; }).length - Math.floor(count / 2);
    var first = Math.min(Math.max(left, 0), some.length - count), used = some.slice(first, first + count);
    return used.map(function (node, place) {
      var part = used.reduce(function (product, rest) {
        return rest === node ? product : product * (here - rest) / (node - rest);
      }, 1);
      return [lower + first + place, part];
    });
  }
  function between(outcome, state) {
    var table = outcome.tables[outcome.views[state.against + " " + state.when]], places = [[0, 1]];
    table.axes.forEach(function (axis) {
      var own = weights(axis, state[axis.lever]), next = [];
      places.forEach(function (one) {
        own.forEach(function (two) { next.push([one[0] * axis.nodes.length + two[0], one[1] * two[1]]); });
      });
      places = next;
    });
    return [0, 1, 2].map(function (end) {
      return places.reduce(function (sum, one) { return one[1] ? sum + one[1] * table.values[3 * one[0] + end] : sum; }, 0) * outcome.scale;
    }).sort(function (one, two) { return one - two; });
  }

  function mark(group, outcome, ends) {
    var place = function (one) { return (100 * (one - outcome.domain[0])) / (outcome.domain[1] - outcome.domain[0]) + "%"; };
    group.querySelector(".range").setAttribute("x1", place(ends[0]));
    group.querySelector(".range").setAttribute("x2", place(ends[2]));
    group.querySelector("circle").setAttribute("cx", place(ends[1]));
  }
  function shown(outcome, ends) {
    var none = direction(ends[0], ends[1], ends[2]) === "none";
    return none ? data.unchanged : number(ends[1], outcome.unit) + data.suffixes[outcome.unit];
  }
  // The message for the direction of a range; a fall is told by its size, the smaller end first, no sign.
  function told(messages, outcome, spread) {
    var way = direction(spread[0], spread[1], spread[2]), suffix = data.suffixes[outcome.unit];
    var sizes = way === "fall" ? [-spread[2], -spread[1], -spread[0]] : spread;
    var texts = sizes.map(function (size) {
      var text = number(size, outcome.unit);
      return way === "fall" ? text.replace("+", "") : text;
    });
    return filled(messages[way], { low: texts[0], value: texts[1] + suffix, high: texts[2] + suffix });
  }
  // The same setting against what else would have come, where that is another sum.
  function compared(outcome, value) {
    var against = data.choices.filter(function (choice) { return choice.key === "against"; })[0];
    return against.options.map(function (option) {
      var second = shown(outcome, between(outcome, Object.assign({}, now, { against: option.key })));
      return second === value || outcome.unit.indexOf("CAD") ? "" : filled(parts[outcome.key].other.dataset.words, { against: option.label, value: second });
    }).join("");
  }
  function draw(outcome) {
    var part = parts[outcome.key], spread = between(outcome, now), value = shown(outcome, spread);
    part.value.textContent = before ? "B" + writing.colon + value : value;
    part.says.textContent = told(outcome.messages, outcome, spread);
    outcome.off.forEach(function (note, place) {
      var left = data.outcomes.filter(function (one) { return one.key === note.of; })[0];
      if (left) { part.off[place].textContent = told(note.messages, left, between(left, now)); }
    });
    part.other.textContent = compared(outcome, value);
    part.other.hidden = !part.other.textContent;
    mark(part.b, outcome, spread);
    part.kept.hidden = !before;
    part.kept.textContent = "";
    part.a.setAttribute("visibility", before ? "visible" : "hidden");
    mark(part.a, outcome, spread);
    if (before) {
      var old = between(outcome, before);
      part.kept.textContent = "A" + writing.colon + number(old[1], outcome.unit) + " (" + number(old[0], outcome.unit) + writing.to + number(old[2], outcome.unit) + ")";
      mark(part.a, outcome, old);
    }
    return value;
  }
  function label(choice, state) {
    return choice.options.filter(function (option) { return option.key === state[choice.key]; })[0].label;
  }
  function described(state) {
    var levers = data.levers.map(function (lever) { return lever.label + writing.colon + setting(lever, state[lever.key]); });
    return levers.concat(data.choices.map(function (choice) { return choice.label + writing.colon + label(choice, state); })).join("; ");
  }

  function show(source) {
    var words = {};
    data.levers.forEach(function (lever) {
      var field = parts[lever.key].field, slider = parts[lever.key].slider, wrong = lever.key in asked;
      words[lever.key] = setting(lever, now[lever.key]);
      if (source !== field) { field.value = wrong ? asked[lever.key] : written(lever, now[lever.key]); }
      warn(lever, words[lever.key]);
      if (source !== slider) { slider.value = typed(lever, now[lever.key]); }
      slider.setAttribute("aria-valuetext", words[lever.key]);
    });
    data.choices.forEach(function (choice) {
      parts[choice.key].forEach(function (button) { button.checked = button.value === now[choice.key]; });
    });
    root.querySelectorAll(".when").forEach(function (small) { small.textContent = label(data.choices[data.choices.length - 1], now); });
    data.outcomes.forEach(function (outcome) { words[outcome.key] = draw(outcome); });
    presets.forEach(function (button) {
      var levers = data.presets[button.dataset.preset].levers;
      button.setAttribute("aria-pressed", String(data.levers.every(function (one) { return levers[one.key] === now[one.key]; })));
    });
    root.querySelectorAll("[data-off]").forEach(function (words) {
      var key = words.dataset.off, start = begun()[key];
      words.hidden = now[key] === start && (!before || before[key] === start);
    });
    drop.hidden = kept.hidden = !before;
    kept.textContent = before ? "A" + writing.colon + described(before) : "";
    return words;
  }
  function pairs(state, typedIn, start) {
    return data.levers.map(function (lever) {
      return start + lever.key + "=" + (lever.key in typedIn ? encodeURIComponent(typedIn[lever.key]) : typed(lever, state[lever.key]));
    }).concat(data.choices.map(function (choice) { return start + choice.key + "=" + state[choice.key]; }));
  }
  function address() {
    return "#" + pairs(now, asked, "").concat(before ? pairs(before, {}, "a.") : []).join("&");
  }
  function link() {
    var anchor = share.querySelector("a");
    anchor.href = address();
    anchor.textContent = address();
    anchor.innerHTML = anchor.innerHTML.replace(/&amp;|=/g, "$&<wbr>");
    if (location.hash.indexOf("=") > 0) {  // the page in the other language begins with what was set here
      document.querySelectorAll("a[hreflang]").forEach(function (one) { one.hash = address(); });
    }
  }
  // Browsers refuse to change the address with every step of a slider, and nobody listens to every step.
  function move(source) {
    var words = show(source);
    clearTimeout(later);
    later = setTimeout(function () {
      history.replaceState(null, "", address());
      link();
      said.textContent = filled(data.said, words);
    }, IDLE);
  }
  function warn(lever, here) {
    var part = parts[lever.key], wrong = lever.key in asked, words = "";
    if (wrong) {
      var value = read(lever, asked[lever.key]), known = !isNaN(value);
      words = filled(part.messages[known ? 0 : 1].dataset.words, { value: known && setting(lever, value), here: here });
    }
    if (part.wrong.textContent !== words) { part.wrong.textContent = words; }
    part.field.setAttribute("aria-invalid", String(wrong));
  }
  // An address and a slider have a point in every language.
  function read(lever, text) {
    var plain = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : typedNumber(text, writing.decimal, UNITS).value;
    var value = +(plain / scale(lever)).toFixed(10);
    return lever.unit === "rate" ? value : Math.round(value);
  }
  // What is typed or asked for moves the lever where the grid holds it, and else stays beside the message.
  function take(lever, text, state, wrong) {
    var value = read(lever, text);
    delete wrong[lever.key];
    if (value >= lever.low && value <= lever.high) { state[lever.key] = value; } else { wrong[lever.key] = text; }
  }

  function listen(lever) {
    var part = parts[lever.key];
    part.before = now[lever.key];
    part.slider.addEventListener("input", function () { take(lever, part.slider.value, now, asked); move(part.slider); });
    part.field.addEventListener("focus", function () { part.before = now[lever.key]; });
    part.field.addEventListener("input", function () {
      take(lever, part.field.value, now, asked);
      if (lever.key in asked) { now[lever.key] = part.before; }  // not what its first digits alone would be
      move(part.field);
    });
  }
  function taken(search, start, state, wrong) {
    var some = false;
    data.levers.forEach(function (lever) {
      if (search.has(start + lever.key)) { take(lever, search.get(start + lever.key), state, wrong); some = true; }
    });
    data.choices.forEach(function (choice) {
      var value = search.get(start + choice.key);
      if (choice.options.some(function (option) { return option.key === value; })) { state[choice.key] = value; some = true; }
    });
    return some;
  }
  function opened() {
    var search = new URLSearchParams(location.hash.slice(1)), old = begun(), wrong = {};
    var some = taken(search, "", now, asked), kept = taken(search, "a.", old, wrong) && !Object.keys(wrong).length;
    if (kept) { before = old; }
    if (some || kept) { show(null); link(); }
    return some || kept;
  }

  data.levers.forEach(function (lever) {
    var box = root.querySelector('[data-lever="' + lever.key + '"]');
    parts[lever.key] = {
      field: box.querySelector(".typed input"), slider: box.querySelector("[type=range]"), wrong: box.querySelector(".wrong"),
      messages: box.querySelectorAll("[data-words]")
    };
    listen(lever);
  });
  data.choices.forEach(function (choice) {
    parts[choice.key] = Array.from(root.querySelectorAll("[name=explorer-" + choice.key + "]"));
    parts[choice.key].forEach(function (button) {
      button.addEventListener("change", function () { now[choice.key] = button.value; move(null); });
    });
  });
  data.outcomes.forEach(function (outcome) {
    var box = root.querySelector('[data-outcome="' + outcome.key + '"]');
    parts[outcome.key] = {
      value: box.querySelector(".value"), kept: box.querySelector(".kept"), says: box.querySelector(".says"),
      off: box.querySelectorAll("[data-off]"), other: box.querySelector(".else"),
      a: box.querySelector(".a"), b: box.querySelector(".b")
    };
  });
  presets.forEach(function (button) {
    button.addEventListener("click", function () {
      Object.assign(now, data.presets[button.dataset.preset].levers);
      asked = {};
      move(null);
    });
  });
  keep.addEventListener("click", function () { before = Object.assign({}, now); move(null); });
  drop.addEventListener("click", function () { before = null; keep.focus(); move(null); });
  document.getElementById("explorer-reset").addEventListener("click", function () {
    now = begun();
    asked = {};
    before = null;
    move(null);
  });
  window.addEventListener("hashchange", opened);
  root.querySelectorAll(".settings, .levers, .sides").forEach(function (part) { part.hidden = false; });
  share.hidden = false;
  show(null);
  link();
  if (opened()) { root.scrollIntoView(); }
})();
