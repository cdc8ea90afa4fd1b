// Finds what a person would call "the button Answer": the first element that is shown, has the role and the name.
// Waits for it by the page's own changes and hands it to the last argument, as WebDriver's asynchronous scripts do.
const [role, name, isPattern, done] = arguments;

const IMPLICIT = {
  article: 'article',
  button: 'button, summary, input[type=button], input[type=submit]',
  checkbox: 'input[type=checkbox]',
  combobox: 'select, input[list]',
  dialog: 'dialog[open]',
  form: 'form',
  heading: 'h1, h2, h3, h4, h5, h6',
  link: 'a[href]',
  list: 'ul, ol',
  listitem: 'li',
  main: 'main',
  navigation: 'nav',
  option: 'option',
  radio: 'input[type=radio]',
  region: 'section',
  row: 'tr',
  status: 'output',
  textbox: 'textarea, input:not([type]), input[type=text], input[type=search], input[type=url], input[type=number]',
};

const words = (text) => (text ?? '').replace(/\s+/g, ' ').trim();

// What is written in an element for everybody to read: not the keys drawn beside it, not the fields inside a label.
const written = (element) => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) =>
    node.nodeType === Node.ELEMENT_NODE && node.matches('[aria-hidden=true], [hidden], select, input, textarea, svg')
      ? NodeFilter.FILTER_REJECT
      : NodeFilter.FILTER_ACCEPT,
  );
  const texts = [];
  while (walker.nextNode() !== null) {
    if (walker.currentNode.nodeType === Node.TEXT_NODE) texts.push(walker.currentNode.data);
  }
  return texts.join(' ');
};

const labelled = (element) =>
  (element.getAttribute('aria-labelledby') ?? '')
    .split(/\s+/)
    .map((id) => document.getElementById(id))
    .filter((label) => label !== null)
    .map(written)
    .join(' ');

const nameOf = (element) =>
  words(labelled(element)) ||
  words(element.getAttribute('aria-label')) ||
  words([...(element.labels ?? [])].map(written).join(' ')) ||
  words(written(element)) ||
  words(element.getAttribute('title')) ||
  words(element.getAttribute('placeholder')) ||
  words(element.getAttribute('alt'));

const shown = (element) =>
  element.getClientRects().length > 0 &&
  getComputedStyle(element).visibility === 'visible' &&
  element.closest('[aria-hidden=true], [inert]') === null;

const wanted = isPattern ? new RegExp(name) : null;
const named = (element) => (wanted === null ? nameOf(element) === name : wanted.test(nameOf(element)));

const look = () => {
  const explicit = [...document.querySelectorAll(`[role~="${role}"]`)];
  const implicit = [...document.querySelectorAll(IMPLICIT[role] ?? ':not(*)')].filter(
    (element) => !element.hasAttribute('role'),
  );
  return [...explicit, ...implicit].find((element) => shown(element) && named(element)) ?? null;
};

const observer = new MutationObserver(() => settle());
const ends = ['transitionend', 'animationend', 'resize'];
const settle = () => {
  const found = look();
  if (found === null) return;
  observer.disconnect();
  for (const end of ends) window.removeEventListener(end, settle);
  done(found);
};
observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
for (const end of ends) window.addEventListener(end, settle);
settle();
