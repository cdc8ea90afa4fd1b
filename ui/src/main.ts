import { mount } from 'svelte';

import App from './App.svelte';
import './tokens.css';
import './app.css';
import { HttpHost } from './host/http';
import { Worker } from './state/worker.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element with the id "app"');

mount(App, { target, props: { worker: new Worker(new HttpHost()) } });
