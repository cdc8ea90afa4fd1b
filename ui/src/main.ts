import { mount } from 'svelte';

import Ripieno from './App.svelte';
import './tokens.css';
import './app.css';
import { openHost } from './host';
import { App } from './state/app';
import { nearest, words } from './words';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element with the id "app"');

const [host] = await Promise.all([openHost(), words.speak(nearest(navigator.languages))]);
mount(Ripieno, { target, props: { app: new App(host) } });
