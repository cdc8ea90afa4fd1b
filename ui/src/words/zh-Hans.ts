const texts = import.meta.glob<string>('../../locales/zh-Hans/*.ftl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export default Object.values(texts);
