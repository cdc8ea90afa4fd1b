import { mount } from 'svelte';

import Ripieno from './App.svelte';
import './tokens.css';
import './app.css';
import { openHost } from './host';
import { parse } from './router.svelte';
import { App } from './state/app';
import { screen } from './views';
import { nearest, words } from './words';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element with the id "app"');

const app = new App(openHost());

// The worker's answer and the script of a task come while the words do.
void app.feed.refetch();
const first = parse(window.location.hash);
if (first.view === 'tasks' && first.id !== null) void screen('task/TaskDetail');

await words.speak(nearest(navigator.languages));
mount(Ripieno, { target, props: { app } });
