import { words } from '../src/words';

await words.speak('en');
