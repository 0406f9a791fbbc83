// What `make lint-js` asks of the scripts in book/_static. They are plain scripts, not modules: a
// page opened from a disk may not load modules. The Makefile brings ESLint to _build/eslint.
import { createRequire } from "node:module";

const installed = createRequire(new URL("../_build/eslint/", import.meta.url));
const js = installed("@eslint/js");
const globals = installed("globals");

// Each file of the lab, and of the small labs, gives the others one name.
const NAMES = ["labChart", "labDigit", "labModel", "labSettings", "labSlider", "labWords", "playLabs", "playModels", "playPaper"];
const LAB = Object.fromEntries(NAMES.map((name) => [name, "readonly"]));

export default [
  js.configs.recommended,
  {
    languageOptions: {
      sourceType: "script",
      globals: { ...globals.browser, DOCUMENTATION_OPTIONS: "readonly" }, // of Sphinx
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-template-curly-in-string": "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["book/_static/lab/*.js", "book/_static/play/*.js"],
    languageOptions: { globals: LAB },
    rules: {
      "no-redeclare": ["error", { builtinGlobals: false }], // one of the files declares the name
      "no-unused-vars": ["error", { varsIgnorePattern: `^(${NAMES.join("|")})$` }],
      strict: ["error", "global"],
    },
  },
];
