import { defineConfig } from "vite";

export default defineConfig({
  base: "/graphiql/",
  esbuild: { jsx: "automatic" },
  worker: { format: "es" },
  build: {
    target: "es2022",
    // Everything stands in files of its own: the page's policy allows no inline script.
    assetsInlineLimit: 0,
    rollupOptions: {
      // Some packages mark files for React servers, which this page has nothing to do with.
      onwarn: (warning, tell) => warning.code === "MODULE_LEVEL_DIRECTIVE" || tell(warning),
    },
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 6000,
    reportCompressedSize: false,
  },
});
