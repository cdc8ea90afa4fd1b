export { known, LANGUAGES, nearest, t, words, type Arguments, type Language } from './words.svelte';
export { clock, day, duration, elapsed, full, money, since } from './time';
export { folderRefusal, reasonOf, refusal } from './refusal';
