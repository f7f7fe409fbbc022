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
        if (box && !box.classList.contains('asks')) {
          // On a phone the question comes into the line that stays in sight, once; elsewhere it is there.
          var more = box.querySelector('[data-more]');
          box.classList.add('late', 'asks');
          if (more && window.matchMedia('(max-width: 40rem)').matches) {
            place.parentNode.appendChild(more);
          }
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

  // A page that is looked at all day keeps itself up to date. Nothing moves while somebody points, types or scrolls, what has the
  // focus keeps it, and who has been logged out is told so instead of being shown an old day for ever.
  var live = document.querySelector('[data-refresh]');
  var busy = 0;
  var timer;
  function later(seconds) {
    clearTimeout(timer);
    timer = setTimeout(refresh, 1000 * (seconds || Number(live.getAttribute('data-refresh'))));
  }
  function same(place) {
    var at = document.activeElement;
    var key = at && place.contains(at) && at.getAttribute('href');
    return function () {
      var again = key && Array.prototype.filter.call(place.querySelectorAll('a'), function (a) {
        return a.getAttribute('href') === key && a.className === at.className;
      })[0];
      if (again) {
        again.focus({ preventScroll: true });
      }
    };
  }
  function replace(place, fresh) {
    var back = same(place);
    var left = Array.prototype.map.call(place.querySelectorAll('.scroll'), function (box) { return box.scrollLeft; });
    place.innerHTML = fresh.innerHTML;
    Array.prototype.forEach.call(place.querySelectorAll('.scroll'), function (box, i) { box.scrollLeft = left[i] || 0; });
    back();
  }
  function stale(place, words) {
    var note = document.getElementById('stale') || document.createElement('p');
    note.id = 'stale';
    note.className = 'stale';
    note.setAttribute('role', 'status');
    note.textContent = words;
    place.parentNode.insertBefore(note, place);
  }
  function refresh() {
    var typing = /^(INPUT|SELECT|TEXTAREA)$/.test((document.activeElement || {}).tagName || '') && live.contains(document.activeElement);
    if (document.hidden || typing || Date.now() - busy < 3000) {
      return later(3);
    }
    fetch(location.href, { headers: { 'Regen-Refresh': '1' }, redirect: 'manual', credentials: 'same-origin' }).then(function (answer) {
      if (answer.type === 'opaqueredirect' || answer.status === 401) {
        return stale(live, 'You are logged out. Reload the page to log in again; the day below may be old.');
      }
      return answer.ok ? answer.text().then(function (text) {
        var fresh = new DOMParser().parseFromString(text, 'text/html').getElementById(live.id);
        var note = document.getElementById('stale');
        if (note) {
          note.remove();
        }
        if (fresh && Date.now() - busy >= 3000) {
          replace(live, fresh);
        }
        later();
      }) : Promise.reject(answer.status);
    }).catch(function () {
      stale(live, 'The clinic cannot be reached. The day below may be old; it is asked for again every half minute.');
      later();
    });
    return undefined;
  }
  if (live && window.fetch) {
    ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchmove'].forEach(function (gesture) {
      document.addEventListener(gesture, function () { busy = Date.now(); }, { passive: true });
    });
    later();
    document.addEventListener('visibilitychange', function () {
      if (!document.hidden) {
        refresh();
      }
    });
  }

  // Printing is a button only where there is something to press it with.
  Array.prototype.forEach.call(document.querySelectorAll('[data-print]'), function (button) {
    button.hidden = false;
    button.addEventListener('click', function () { window.print(); });
  });

  // What is taken along: into the clipboard, or to whatever the device shares with.
  function handy(attribute, can, take) {
    Array.prototype.forEach.call(document.querySelectorAll('[' + attribute + ']'), function (button) {
      button.hidden = !can;
      button.addEventListener('click', function () {
        take(button.getAttribute(attribute)).then(function () {
          if (attribute === 'data-copy') {
            button.textContent = 'Copied';
          }
        }, function () { return undefined; });
      });
    });
  }
  handy('data-copy', navigator.clipboard && navigator.clipboard.writeText, function (text) { return navigator.clipboard.writeText(text); });
  handy('data-share', navigator.share, function (text) { return navigator.share({ text: text }); });

  // A scanner types what it reads and presses Enter: that goes on to the next field and sends nothing that is not filled in yet.
  // Some end with a second Enter.
  var scanned = 0;
  document.addEventListener('keydown', function (event) {
    if (event.key === 'Enter' && Date.now() - scanned < 300) {
      event.preventDefault();
    }
  }, true);
  Array.prototype.forEach.call(document.querySelectorAll('[data-scan]'), function (field) {
    field.addEventListener('keydown', function (event) {
      if (event.key !== 'Enter' || !field.form) {
        return;
      }
      var fields = Array.prototype.filter.call(field.form.elements, function (other) {
        return other.type !== 'hidden' && other.type !== 'fieldset' && !other.disabled && other.offsetParent !== null && !other.hasAttribute('data-camera');
      });
      var next = fields[fields.indexOf(field) + 1];
      event.preventDefault();
      scanned = Date.now();
      if (next) {
        next.focus();
      }
    });
  });

  // The camera, where the browser reads codes. What it reads is put into the field, for people to look at; the server checks it as if it were typed.
  function camera(button) {
    var place = button.parentNode;
    var field = place.querySelector('[data-scan]');
    var view = place.querySelector('[data-camera-view]');
    var video = view.querySelector('video');
    var says = view.querySelector('[data-camera-says]');
    var reader = new window.BarcodeDetector({ formats: ['qr_code', 'data_matrix', 'code_128'] });
    var stream = null;
    var asked = false;
    function stop(words) {
      if (stream) {
        stream.getTracks().forEach(function (track) { track.stop(); });
      }
      stream = null;
      video.hidden = true;
      button.textContent = 'Scan with the camera';
      says.textContent = words;
    }
    function look() {
      if (!stream) {
        return;
      }
      reader.detect(video).then(function (codes) {
        if (stream && codes.length > 0) {
          field.value = codes[0].rawValue;
          stop('Read: ' + codes[0].rawValue + '. Compare it with the label.');
          field.focus();
        } else if (stream) {
          setTimeout(look, 200);
        }
      }, function () { setTimeout(look, 500); });
    }
    button.hidden = false;
    button.addEventListener('click', function () {
      if (stream) {
        stop('');
        view.hidden = true;
        return;
      }
      if (asked) {
        return;
      }
      asked = true;
      view.hidden = false;
      video.hidden = false;
      says.textContent = 'Hold the code of the label before the camera.';
      navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).then(function (opened) {
        asked = false;
        stream = opened;
        button.textContent = 'Stop the camera';
        video.srcObject = stream;
        video.play().catch(function () { return undefined; });
        look();
      }, function () { asked = false; stop('The camera cannot be used. Type the label.'); });
    });
  }
  if (window.BarcodeDetector && navigator.mediaDevices && navigator.mediaDevices.getUserMedia) {
    window.BarcodeDetector.getSupportedFormats().then(function (formats) {
      if (formats.length > 0) {
        Array.prototype.forEach.call(document.querySelectorAll('[data-camera]'), camera);
      }
    }, function () { return undefined; });
  }
}());
