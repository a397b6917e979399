// What a reader types, as a number. A comma and a point mean one thing in each language; what can be read both ways is
// refused. `units` is what may stand around the digits.
function typedNumber(typed, decimal, units) {
  "use strict";
  var comma = decimal === ",", text = typed.replace(/\s/g, " ").replace("\u2212", "-").trim();
  text = text.replace(units, "$1");
  if (!comma) { text = text.replace(/^(-?\d+|-?\d{1,3}(?: \d{3})+),(\d{1,2})$/, "$1.$2"); }
  var shape = comma ? /^-?(\d+|\d{1,3}( \d{3})+)([.,]\d+)?$/ : /^-?(\d+|\d{1,3}([ ,]\d{3})+)(\.\d+)?$/;
  if (text === "") { return {wrong: "empty"}; }
  if (!shape.test(text)) { return {wrong: "text"}; }
  if (comma && /^-?[1-9]\d{0,2}[.,]\d{3}$/.test(text)) { return {wrong: "two"}; }
  return {value: Number(text.replace(/ /g, "").replace(/,/g, comma ? "." : ""))};
}
