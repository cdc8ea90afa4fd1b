/** The words of a language; see `catalogue.ts` beside `vite.config.ts`. */
declare module 'catalogue:*' {
  const read: () => Promise<string>;
  export default read;
}
