(function () {
  "use strict";
  var DAY = 864e5, YEAR = 365.25, YEARS = 2;  // from so many years on, days say nothing
  var now = new Date(), today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  var words = Array.from(document.querySelectorAll(".counts [data-words]"), function (one) { return one.dataset.words; });

  function count(one, text) {
    if (text) { one.querySelector(".count").textContent = " (" + text + ")"; }
  }
  function of(days) {
    return days >= YEARS * YEAR ? words[8].replace("{years}", Math.floor(days / YEAR)) : days > 1 ? words[0].replace("{days}", days) : days === 1 ? words[1] : days === 0 ? words[2] :
      days === -1 ? words[3] : words[4].replace("{days}", -days);
  }
  document.querySelectorAll("[data-day]").forEach(function (one) {
    var days = Math.round((Date.parse(one.dataset.day) - today) / DAY);
    one.classList.toggle("past", days < 0);
    count(one, "counted" in one.dataset ? of(days) : days < 0 ? words[5] : "");
  });
  document.querySelectorAll("[data-last]").forEach(function (row) {
    row.classList.toggle("past", Date.parse(row.dataset.last) < today);
  });
  document.querySelectorAll("[data-month]").forEach(function (one) {
    var month = one.dataset.month.split("-").map(Number);
    var months = 12 * (now.getFullYear() - month[0]) + now.getMonth() + 1 - month[1];
    count(one, months > 1 ? words[7].replace("{months}", months) : months === 1 ? words[6] : "");
  });
  document.getElementById("passed").hidden = !document.querySelector(".today .past");
})();
