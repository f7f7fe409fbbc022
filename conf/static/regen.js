/* SPDX-License-Identifier: Apache-2.0 */
/* Comfort only: every page does its work without this file. */
(function () {
  'use strict';

  // After a refused form the reader starts at the list of what is wrong, not at the top of the page.
  var summary = document.querySelector('.summary');
  if (summary) {
    summary.tabIndex = -1;
    summary.focus();
  }

  // A link in that list puts the cursor into the field, as a label would.
  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('.summary a[href^="#"]');
    var field = link && document.getElementById(link.getAttribute('href').slice(1));
    if (field) {
      event.preventDefault();
      field.scrollIntoView({ block: 'center' });
      field.focus({ preventScroll: true });
    }
  });

  // Time left of a held time, counted from what the server said: the clock of a phone may be wrong. Seen running down; spoken
  // only when it gets short, and then once a minute.
  Array.prototype.forEach.call(document.querySelectorAll('[data-left]'), function (place) {
    var end = Date.now() + 1000 * Number(place.getAttribute('data-left'));
    var box = place.closest('.held');
    var seen = document.createElement('span');
    var spoken = document.createElement('span');
    var timer = setInterval(tick, 1000);
    seen.setAttribute('aria-hidden', 'true');
    seen.className = 'left';
    spoken.setAttribute('role', 'status');
    spoken.className = 'vh';
    place.appendChild(seen);
    place.appendChild(spoken);
    function say(words) {
      if (spoken.textContent !== words) {
        spoken.textContent = words;
      }
    }
    function tick() {
      var left = Math.ceil((end - Date.now()) / 1000);
      var minutes = Math.ceil(left / 60);
      if (left <= 0) {
        clearInterval(timer);
        seen.textContent = ' (over now)';
        say(' The time is over now.');
        return;
      }
      seen.textContent = ' (' + Math.floor(left / 60) + ':' + ('0' + left % 60).slice(-2) + ' left)';
      if (minutes <= 2) {
        if (box) {
          box.classList.add('late');
        }
        say(minutes === 1 ? ' 1 minute left' : ' 2 minutes left');
      }
    }
    tick();
  });

  // One press is enough. The form's own key makes a second one harmless; this only says so.
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (form.getAttribute('data-sent')) {
      event.preventDefault();
      return;
    }
    form.setAttribute('data-sent', '1');
    setTimeout(function () { form.removeAttribute('data-sent'); }, 8000);
  });
  // Coming back with the back button finds the form usable again.
  window.addEventListener('pageshow', function () {
    Array.prototype.forEach.call(document.querySelectorAll('form[data-sent]'), function (form) {
      form.removeAttribute('data-sent');
    });
  });

  // Printing is a button only where there is something to press it with.
  Array.prototype.forEach.call(document.querySelectorAll('[data-print]'), function (button) {
    button.hidden = false;
    button.addEventListener('click', function () { window.print(); });
  });
}());
