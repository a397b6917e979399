(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("farm-data").textContent);
  var form = document.getElementById("farm-form"), words = data.messages, writing = data.writing;
  var FIELDS = ["acres", "bushels", "price"], CHOICES = ["province", "zone", "when"], ENDS = ["x1", "cx", "x2"];
  var MINUS = "\u2212", IDLE = 300, THOUSANDS = /\B(?=(\d{3})+(?!\d))/g, later = 0, begun = null;
  var UNITS = /(\d) ?(\$( ?CAN?)?|CAD|ac(re)?s?|bu|bo|boisseaux|bushels?)?( ?(\/|an? |per |par |(à )?l[’']|le ) ?(acre|ac|bu|bushel|bo|boisseau))?\.?$/i;

  function at(id) { return document.getElementById(id); }
  function filled(message, parts) {
    return message.replace(/\{(\w+)\}/g, function (_, name) { return parts[name]; });
  }

  // Numbers are written as arithmetic.py writes them.
  function fixed(value, decimals) {
    var parts = value.toFixed(decimals).split(".");
    parts[0] = parts[0].replace(THOUSANDS, writing.thousands);
    return parts.join(writing.decimal);
  }
  function size(value) {
    if (value === 0) { return "0"; }
    var short = Number(Math.abs(value).toPrecision(data.digits));
    return fixed(short, Math.max(data.digits - 1 - Math.floor(Math.log10(short)), 0));
  }
  function signed(value) { return (value > 0 ? "+" : value < 0 ? MINUS : "") + size(value); }
  function dollars(text, value) { return (value < 0 ? MINUS : "") + writing.dollars[0][0] + text + writing.dollars[0][1]; }
  function money(value) { return dollars(size(value), value); }
  function percent(share) { return (share < 0 ? MINUS : "") + size(100 * share) + writing.percent; }

  function number(typed) {
    var bare = typed.replace(/^\s*(C?\$|\$ ?CA?) ?(?=[-\u2212\d])/i, ""), read = typedNumber(bare, writing.decimal, UNITS);
    return read.wrong ? {wrong: filled(words[read.wrong], {typed: typed.trim().slice(0, 20)})} : read;
  }
  // A price above those of a bushel that would be one of its tonnes.
  function perTonne(name, value) {
    var bushel = value / data.bushels_per_tonne, limits = data.limits[name];
    return name === "price" && bushel >= limits[1] / 10 && bushel <= limits[1];
  }
  function read(name) {
    var limits = data.limits[name], found = number(form.elements[name].value);
    if (!found.wrong && found.value <= 0) { found = {wrong: words.positive}; }
    if (!found.wrong && (found.value < limits[0] || found.value > limits[1])) {
      found = {wrong: filled(perTonne(name, found.value) ? words.per_tonne : words.limits, {
        typed: fixed(found.value, 0), bushel: dollars(fixed(found.value / data.bushels_per_tonne, 2), 1),
        least: fixed(limits[0], 0), most: fixed(limits[1], 0)
      })};
    }
    at(name + "-wrong").textContent = found.wrong || "";
    form.elements[name].setAttribute("aria-invalid", String(Boolean(found.wrong)));
    return found.wrong ? NaN : found.value;
  }

  function moved(row, change, price) { return row.included ? price * change / (1 + change) : price * change; }
  function gain(row, change, farm) {
    var bushel = moved(row, change, farm.price), acre = bushel * farm.bushels;
    return {bushel: bushel, tonne: bushel * data.bushels_per_tonne, acre: acre, farm: acre * farm.acres};
  }
  function fill(tr, row, changes, farm) {
    var gains = farm && changes && changes.map(function (one) { return gain(row, one, farm); });
    tr.querySelectorAll("[data-unit]").forEach(function (cell) {
      var unit = cell.dataset.unit, told = gains ? gains.map(function (one) { return signed(one[unit]); }) : [];
      var moves = gains && changes.some(Boolean);
      cell.querySelector(".value").textContent = gains ? told[1] : "\u2013";
      cell.querySelector("small").textContent = moves ? filled(words.span, {low: told[0], high: told[2]}) : "";
    });
    tr.querySelector("svg").setAttribute("visibility", gains ? "visible" : "hidden");
    (gains ? changes : []).forEach(function (one, end) {
      var place = 50 + 48 * moved(row, one, 1) / data.most + "%", line = tr.querySelector(".range");
      (end === 1 ? tr.querySelector("circle") : line).setAttribute(ENDS[end], place);
    });
  }
  function worth(farm, when, unit) {
    var ends = data.headline.map(function (place) {
      var row = data.rows[place];
      return row[when].map(function (change) { return gain(row, change, farm)[unit]; });
    });
    return {low: ends[0][0], stays: ends[0][1], high: ends[0][2], second_low: ends[1][0], settled: ends[1][1], second_high: ends[1][2]};
  }
  function told(parts) {
    var found = Object.assign({}, data.duties.titles);
    Object.keys(parts).forEach(function (name) { found[name] = money(parts[name]); });
    return found;
  }
  function costs(farm, now, acre, over, none) {
    var guide = now.province === data.guided ? data.guide[now.zone] : null, gross = farm.bushels * farm.price;
    var parts = {gross: dollars(fixed(gross, 0), gross), stays: money(acre.stays), settled: money(acre.settled)};
    if (!guide) { return filled(none, parts); }
    parts.variable = dollars(fixed(guide.variable, 2), 1);
    parts.total = dollars(fixed(guide.total, 2), 1);
    parts.over_variable = dollars(fixed(Math.abs(gross - guide.variable), 0), gross - guide.variable);
    parts.over_total = dollars(fixed(Math.abs(gross - guide.total), 0), gross - guide.total);
    parts.guide_yield = fixed(guide.bushels, 1);
    parts.bushels = fixed(farm.bushels, 1);
    parts.share = percent(acre.stays / guide.total);
    parts.second_share = percent(acre.settled / guide.total);
    return filled(over, parts);
  }

  function state() {
    var now = {};
    CHOICES.concat(FIELDS).forEach(function (name) { now[name] = form.elements[name].value; });
    return now;
  }
  function show() {
    var now = state(), farm = {}, right = true;
    FIELDS.forEach(function (name) { farm[name] = read(name); right = right && !isNaN(farm[name]); });
    FIELDS.forEach(function (name) { at(name + "-help").textContent = data.provinces[now.province].messages[name]; });
    var tonne = farm.price * data.bushels_per_tonne, price = isNaN(tonne) ? "" : dollars(fixed(tonne, 0), 1);
    at("same").textContent = price && filled(words.same, {tonne: price});
    data.rows.forEach(function (row, place) {
      fill(document.querySelector('[data-row="' + place + '"]'), row, row[now.when], right ? farm : null);
    });
    document.querySelectorAll("[data-zone]").forEach(function (row) {
      row.classList.toggle("chosen", now.province === data.guided && row.dataset.zone === now.zone);
    });
    var parts = right ? told(worth(farm, now.when, "farm")) : {};
    at("farm-answer").textContent = right ? filled(now.when === "first" ? words.answer_first : words.answer, parts) : words.wrong;
    at("farm-range").textContent = right ? filled(words.range, parts) : "";
    at("farm-of").textContent = right ? filled(words.farm, {
      acres: fixed(farm.acres, farm.acres % 1 ? 1 : 0), bushels: fixed(farm.bushels, 1), price: dollars(fixed(farm.price, 2), 1), tonne: price
    }) : "";
    var acre = right && worth(farm, now.when, "acre");
    at("costs").hidden = at("farm-margin").hidden = !right;
    at("costs").textContent = right ? costs(farm, now, acre, words.costs, words.no_costs) : "";
    at("farm-margin").textContent = right ? costs(farm, now, acre, words.margin, words.no_margin) : "";
    return now;
  }
  function average(province) {
    var found = {};
    FIELDS.forEach(function (name) { found[name] = fixed(data.provinces[province][name], data.limits[name][2]); });
    return found;
  }
  // Fields that nobody changed follow the province.
  function follow() {
    var old = average(province), now = average(form.elements.province.value);
    FIELDS.forEach(function (name) {
      if (form.elements[name].value === old[name]) { form.elements[name].value = now[name]; }
    });
    province = form.elements.province.value;
    at("zones").hidden = province !== data.guided;
  }
  // The page in the other language is handed what was typed, with the point that every language reads: three decimals
  // could be thousands there. It has the averages in its own digits.
  function keep(now) {
    var same = Object.keys(now).every(function (name) { return now[name] === begun[name]; }), passed = Object.assign({}, now);
    var own = average(now.province);
    FIELDS.forEach(function (name) {
      passed[name] = String(number(now[name]).value || now[name]).replace(/\.\d{3}$/, "$&0");
      if (now[name] === own[name]) { delete passed[name]; }
    });
    history.replaceState(null, "", same ? location.pathname : "#" + new URLSearchParams(now));
    document.querySelectorAll("a[hreflang]").forEach(function (one) { one.hash = same ? "" : new URLSearchParams(passed); });
  }
  function choose(name, value) {
    var field = form.elements[name];
    if (value !== null && (field.length === undefined || Array.from(field).some(function (one) { return one.value === value; }))) {
      field.value = value;
    }
  }
  function opened() {
    var asked = new URLSearchParams(location.hash.slice(1));
    if (!location.hash) { form.reset(); }
    CHOICES.forEach(function (name) { choose(name, asked.get(name)); });
    follow();
    FIELDS.forEach(function (name) { choose(name, asked.get(name)); });
    keep(show());
  }

  var province = form.elements.province.value;
  FIELDS.forEach(function (name) { form.elements[name].value = form.elements[name].defaultValue = average(province)[name]; });
  begun = state();
  form.hidden = false;
  form.addEventListener("input", function () {
    follow();
    clearTimeout(later);
    later = setTimeout(function () { keep(show()); }, IDLE);
  });
  form.addEventListener("submit", function (event) { event.preventDefault(); keep(show()); });
  form.addEventListener("reset", function () {
    setTimeout(function () { follow(); keep(show()); });
  });
  window.addEventListener("hashchange", opened);
  opened();
})();
