// Writes the licences of everything that the programs contain and others wrote.
//
//   node packaging/notices.mjs OUTPUT
//
// Crates come from cargo's own graph of both programs, packages of the page from its lock file.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const PROGRAMS = ['ripieno-cli', 'ripieno-desktop'];
const LICENCE_FILE = /^(licen[cs]e|copying|notice|copyright|unlicense)/i;

function crates() {
    const arguments_ = ['metadata', '--format-version', '1', '--locked', '--features', 'ripieno-desktop/custom-protocol'];
    const host = execFileSync('rustc', ['-vV'], { encoding: 'utf8' }).match(/^host: (.+)$/m)[1];
    const text = execFileSync('cargo', [...arguments_, '--filter-platform', host], {
        cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28,
    });
    const { packages, resolve } = JSON.parse(text);
    const byId = new Map(packages.map((crate) => [crate.id, crate]));
    const needs = new Map(resolve.nodes.map((node) => [
        node.id,
        node.deps.filter((need) => need.dep_kinds.some(({ kind }) => kind === null)).map((need) => need.pkg),
    ]));
    const reached = new Set();
    const open = packages.filter(({ name }) => PROGRAMS.includes(name)).map(({ id }) => id);
    while (open.length > 0) {
        const id = open.pop();
        if (reached.has(id)) continue;
        reached.add(id);
        open.push(...needs.get(id));
    }
    return [...reached].map((id) => byId.get(id)).filter((crate) => crate.source !== null)
        .map(({ name, version, license, license_file, repository, manifest_path }) =>
            ({ name, version, license: license ?? license_file, home: repository, folder: dirname(manifest_path) }));
}

function pagePackages() {
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'ui/package-lock.json'), 'utf8'));
    // The page is compiled: what of svelte is in it comes from a package that only building needs.
    const open = ['svelte', ...Object.keys(packages[''].dependencies ?? {})];
    const reached = new Map();
    while (open.length > 0) {
        const name = open.pop();
        const found = packages[`node_modules/${name}`];
        if (reached.has(name) || found === undefined) continue;
        reached.set(name, found);
        if (name !== 'svelte') open.push(...Object.keys(found.dependencies ?? {}));
    }
    return [...reached].map(([name, { version, license }]) =>
        ({ name, version, license, folder: join(ROOT, 'ui/node_modules', name) }));
}

function texts(folder) {
    if (!existsSync(folder)) throw new Error(`${folder} is missing: install the packages first (scripts/setup.sh build)`);
    return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
        .map((entry) => readFileSync(join(folder, entry.name), 'utf8').trim());
}

function notices(parts) {
    // Many parts share one text word for word: it is printed once, under all their names.
    const owners = new Map();
    const unaccompanied = [];
    for (const part of parts) {
        const line = `${part.name} ${part.version} (${part.license}) ${part.home ?? ''}`.trim();
        const found = texts(part.folder);
        if (found.length === 0) unaccompanied.push(line);
        for (const text of found) owners.set(text, [...(owners.get(text) ?? []), line]);
    }
    const rule = '-'.repeat(78);
    const sections = [...owners].map(([text, lines]) => `${rule}\n${lines.join('\n')}\n\n${text}\n`);
    const rest = `${rule}\nThese carry no licence file of their own; their manifests name the licence:\n\n${unaccompanied.join('\n')}\n`;
    return `Ripieno contains the work of others. With thanks, and under these licences:\n\n${sections.join('\n')}\n${rest}`;
}

const parts = [...crates(), ...pagePackages()].sort((a, b) => (a.name < b.name ? -1 : 1));
writeFileSync(process.argv[2], notices(parts));
