/** Changed files as a tree of folders; a folder that holds only one other folder is one with it. */

export interface Counted {
  readonly path: string;
  readonly insertions: number;
  readonly deletions: number;
}

export type Node<File extends Counted> = FolderNode<File> | FileNode<File>;

export interface FolderNode<File extends Counted> {
  readonly kind: 'folder';
  /** What is shown, such as `src/parts`. */
  readonly name: string;
  /** The whole path, which names it. */
  readonly path: string;
  readonly insertions: number;
  readonly deletions: number;
  readonly children: readonly Node<File>[];
}

export interface FileNode<File extends Counted> {
  readonly kind: 'file';
  readonly name: string;
  readonly path: string;
  readonly file: File;
}

/** A node where it is drawn: the tree is one flat list with levels. */
export interface Placed<File extends Counted> {
  readonly node: Node<File>;
  /** From 1, as screen readers count. */
  readonly level: number;
}

interface Draft<File extends Counted> {
  folders: Map<string, Draft<File>>;
  files: FileNode<File>[];
}

const byName = new Intl.Collator('en', { numeric: true }).compare;

/** Builds the tree: folders first, both in order of their names. */
export function tree<File extends Counted>(files: readonly File[]): Node<File>[] {
  const root: Draft<File> = { folders: new Map(), files: [] };
  for (const file of files) {
    const parts = file.path.split('/');
    const name = parts.pop() ?? file.path;
    let folder = root;
    for (const part of parts) {
      const next = folder.folders.get(part) ?? { folders: new Map(), files: [] };
      folder.folders.set(part, next);
      folder = next;
    }
    folder.files.push({ kind: 'file', name, path: file.path, file });
  }
  return children(root, '');
}

/** The nodes that are to be drawn, with what is in the closed folders left out. */
export function flatten<File extends Counted>(
  nodes: readonly Node<File>[],
  closed: ReadonlySet<string>,
  level = 1,
): Placed<File>[] {
  return nodes.flatMap((node) => {
    const own = { node, level };
    if (node.kind === 'file' || closed.has(node.path)) return [own];
    return [own, ...flatten(node.children, closed, level + 1)];
  });
}

/** Files in the order in which the tree shows them. */
export function inTreeOrder<File extends Counted>(files: readonly File[]): File[] {
  return flatten(tree(files), new Set()).flatMap(({ node }) => (node.kind === 'file' ? [node.file] : []));
}

function children<File extends Counted>(draft: Draft<File>, above: string): Node<File>[] {
  const folders = [...draft.folders].map(([name, folder]) => joined(name, folder, above));
  folders.sort((a, b) => byName(a.name, b.name));
  const files = [...draft.files].sort((a, b) => byName(a.name, b.name));
  return [...folders, ...files];
}

function joined<File extends Counted>(
  name: string,
  folder: Draft<File>,
  above: string,
): FolderNode<File> {
  const [only, ...more] = folder.folders;
  if (only && more.length === 0 && folder.files.length === 0) {
    return joined(`${name}/${only[0]}`, only[1], above);
  }
  const path = above + name;
  const nodes = children(folder, `${path}/`);
  const sum = (field: 'insertions' | 'deletions'): number =>
    nodes.reduce((all, node) => all + (node.kind === 'file' ? node.file : node)[field], 0);
  const [insertions, deletions] = [sum('insertions'), sum('deletions')];
  return { kind: 'folder', name, path, insertions, deletions, children: nodes };
}
