// The clock and the news of a page, by the server's time. Without it the page is whole, only still.
//
// #live says where to ask (data-changes), what the page shows (data-mark), what to say after a change (data-says)
// and when no more can be learned (data-stale). After a change the same page is fetched, and each [data-part] takes
// the place of its like. What somebody types stays, and the focus where it is. [data-opens] is a pause: until then the
// button [data-waits] stays shut, as the server would have it anyway.

const WAIT = 25;
const MINUTE = 60_000;

let ahead = null; // the server's clock less this page's own, which no change of the computer's time moves
let shownBefore = null;

const live = () => document.getElementById('live');
const clock = () => document.querySelector('[data-until]');
const serverTime = () => performance.now() + ahead;

function say(id, text) {
  const place = document.getElementById(id) ?? document.getElementById('told');
  if (place && place.textContent !== text) place.textContent = text;
}

function close(part) {
  for (const sentence of part.querySelectorAll('[data-closed]')) sentence.hidden = false;
  for (const pause of part.querySelectorAll('[data-opens]')) pause.remove();
  for (const button of part.querySelectorAll('button')) button.disabled = true;
}

function spelt(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  const two = (number) => String(number).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return (hours ? hours + ':' + two(minutes) : minutes) + ':' + two(seconds % 60);
}

function tick() {
  const face = clock();
  if (!face || ahead === null) return;
  const left = Number(face.dataset.until) - serverTime();
  if (left <= 0) {
    face.textContent = face.dataset.passed;
    const answer = document.querySelector('[data-part="answer"]');
    if (answer) close(answer);
    say('said', face.dataset.passed);
  } else if (left < 48 * 60 * MINUTE) {
    face.textContent = face.dataset.left.replace('%', spelt(left));
    face.classList.toggle('soon', left < 5 * MINUTE);
    const crossed = (mark) => shownBefore !== null && shownBefore > mark && left <= mark;
    if (crossed(MINUTE)) say('told', face.dataset.one);
    else if (crossed(5 * MINUTE)) say('told', face.dataset.five);
  }
  shownBefore = left;
  rest();
}

/** Holds an approval back for the time of a pause. */
function rest() {
  const pause = document.querySelector('[data-opens]');
  const button = document.querySelector('[data-waits]');
  if (!pause || !button) return;
  const left = Number(pause.dataset.opens) - serverTime();
  button.disabled = left > 0;
  if (left > 0) {
    pause.lastElementChild.textContent = pause.dataset.left.replace('%', Math.ceil(left / 1000));
    return;
  }
  pause.textContent = pause.dataset.open;
  say('told', pause.dataset.open);
  delete pause.dataset.opens;
}

async function sight(wait) {
  const place = live();
  const address = place.dataset.changes + '&mark=' + encodeURIComponent(place.dataset.mark) + '&wait=' + wait;
  const answer = await fetch(address, { headers: { 'Countersign-By-Itself': '1' }, redirect: 'error' });
  if (answer.status === 401 || answer.status === 404) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  const seen = await answer.json();
  ahead = seen.now - performance.now();
  return seen;
}

/** The same page as it is now. */
function fetched() {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', location.pathname + location.search);
    request.responseType = 'document';
    request.setRequestHeader('Countersign-By-Itself', '1');
    request.onload = () => {
      const page = request.response;
      if (request.status === 200 && page && page.getElementById('live')) resolve(page);
      else reject(new Error(String(request.status)));
    };
    request.onerror = () => reject(new Error('away'));
    request.send();
  });
}

function renew(page) {
  const fresh = page.getElementById('live');
  for (const old of document.querySelectorAll('[data-part]')) {
    const next = fresh.querySelector('[data-part="' + old.dataset.part + '"]');
    if (!next || old.isEqualNode(next)) continue;
    // An answer that came too late to give stays to be read, and can't be given.
    if (old.querySelector('form') && !next.querySelector('form')) close(old);
    else replace(old, document.adoptNode(next));
  }
  live().dataset.mark = fresh.dataset.mark;
  if (!fresh.dataset.changes) delete live().dataset.changes;
  document.title = page.title;
  say('said', fresh.dataset.says);
  tick();
}

function replace(old, next) {
  const form = old.querySelector('form');
  if (form && names(form) === names(next.querySelector('form'))) {
    // The form that somebody is filling in stays; it speaks of what is shown now.
    for (const input of next.querySelectorAll('input[type="hidden"]')) {
      const mine = form.elements.namedItem(input.name);
      if (mine instanceof HTMLInputElement) mine.value = input.value;
    }
    return;
  }
  const unfolded = [...old.querySelectorAll('details')].map((each) => each.open);
  next.querySelectorAll('details').forEach((each, i) => { each.open = Boolean(unfolded[i]); });
  for (const each of old.querySelectorAll('input:not([type="hidden"]), textarea')) {
    const mine = each.id && next.querySelector('#' + CSS.escape(each.id));
    if (mine) mine.value = each.value;
  }
  const focus = old.contains(document.activeElement) ? key(old, document.activeElement) : null;
  old.replaceWith(next);
  if (focus) {
    const again = [...next.querySelectorAll(FOCUSABLE)].find((each) => key(next, each) === focus);
    (again ?? document.getElementById('content')).focus({ preventScroll: true });
  }
}

const FOCUSABLE = 'a, button, input, textarea, select, summary';

function key(part, element) {
  return element.id || element.getAttribute('href')
    || element.tagName + [...part.querySelectorAll(FOCUSABLE)].indexOf(element);
}

/** What somebody can fill in and press; what is hidden comes and goes with a passkey. */
function names(form) {
  return form
    ? [...form.elements].filter((each) => each.type !== 'hidden').map((each) => each.name + '=' + each.type).join()
    : '';
}

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** When somebody can see the page. */
function visible() {
  return document.hidden
    ? new Promise((resolve) => { document.addEventListener('visibilitychange', resolve, { once: true }); }).then(visible)
    : Promise.resolve();
}

async function follow() {
  let wait = 0;
  let failures = 0;
  while (live().dataset.changes) {
    await visible();
    try {
      const seen = await sight(wait);
      if (!seen) {
        say('said', live().dataset.stale);
        return;
      }
      if (seen.mark !== live().dataset.mark) renew(await fetched());
      wait = WAIT;
      failures = 0;
    } catch {
      wait = 0;
      failures += 1;
      await pause(Math.min(1000 * 2 ** failures, 30_000));
    }
  }
}

if (live()) {
  const face = clock();
  if (face) {
    // The server wrote its time as the answer began; the first sight makes it exact.
    const begun = performance.getEntriesByType('navigation')[0]?.responseStart ?? 0;
    ahead = Number(face.dataset.now) - begun;
  }
  tick();
  setInterval(tick, 1000);
  document.addEventListener('visibilitychange', tick);
  follow();
}
