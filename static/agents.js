// The editor of an agent: YAML in colour, what is wrong at its line as one types. Without this the
// page has a plain text field, and the server says what is wrong when it is sent.
"use strict";

(() => {
  const field = document.querySelector("[data-editor]");
  const form = field?.form;
  if (!field || !window.CodeMirror) return;
  const CM = window.CodeMirror;

  const look = CM.EditorView.theme({
    "&": { fontSize: "0.8125rem", backgroundColor: "var(--surface)", color: "var(--ink)" },
    "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
    ".cm-content": { caretColor: "var(--ink)", padding: "0.5rem 0" },
    ".cm-cursor": { borderLeftColor: "var(--ink)" },
    ".cm-gutters": {
      backgroundColor: "var(--sunken)", color: "var(--ink-faint)", border: "0",
      borderRight: "1px solid var(--line)",
    },
    ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent-wash) 45%, transparent)" },
    ".cm-activeLineGutter": { backgroundColor: "var(--accent-wash)", color: "var(--ink)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
      { backgroundColor: "color-mix(in srgb, var(--accent) 28%, transparent)" },
    ".cm-selectionMatch": { backgroundColor: "var(--warn-wash)" },
    ".cm-tooltip": {
      backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--line)",
      borderRadius: "0.375rem", boxShadow: "var(--shadow-high)", maxWidth: "32rem",
    },
    ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)" },
    ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--line)" },
    ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
    ".cm-lintRange-error": {
      backgroundImage: "none",
      textDecoration: "underline wavy var(--bad) 1px", textUnderlineOffset: "3px",
    },
    ".cm-button": { backgroundImage: "none", backgroundColor: "var(--surface)", color: "var(--ink)" },
    ".cm-textfield": { backgroundColor: "var(--surface)", color: "var(--ink)", width: "auto" },
  });
  const colours = CM.HighlightStyle.define([
    { tag: [CM.tags.propertyName, CM.tags.definition(CM.tags.propertyName)], color: "var(--accent)" },
    { tag: [CM.tags.string, CM.tags.special(CM.tags.string)], color: "var(--good)" },
    { tag: CM.tags.comment, color: "var(--ink-faint)", fontStyle: "italic" },
    { tag: [CM.tags.keyword, CM.tags.atom, CM.tags.number, CM.tags.bool], color: "var(--calm)" },
    { tag: [CM.tags.punctuation, CM.tags.separator, CM.tags.squareBracket, CM.tags.brace],
      color: "var(--ink-soft)" },
    { tag: CM.tags.invalid, color: "var(--bad)" },
  ]);

  /** A problem's sentence, as the server would write it. */
  const told = (one) =>
    `${one.key ? `${one.key}: ` : ""}${one.wrong}${one.remedy ? `; ${one.remedy}` : ""}`;

  /** Where a problem is underlined: its line without the indentation. */
  function place(doc, number) {
    const line = doc.line(Math.min(Math.max(number, 1), doc.lines));
    const from = line.from + (line.text.match(/^\s*/)[0].length % (line.length || 1));
    return { from, to: Math.max(line.to, from) };
  }

  const list = document.getElementById("problems");
  function show(problems) {
    list.replaceChildren(
      ...problems.slice(0, 20).map((one) => {
        const item = document.createElement("p");
        item.className = "wrong";
        if (one.line) {
          const jump = document.createElement("button");
          jump.type = "button";
          jump.className = "jump";
          jump.textContent = `Line ${one.line}`;
          jump.addEventListener("click", () => {
            const { from } = place(view.state.doc, one.line);
            view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
            view.focus();
          });
          item.append(jump, ": ");
        }
        item.append(told(one));
        return item;
      }),
    );
    field.dataset.wrong = String(problems.length);
  }

  // The library asks again after every pause in typing, and drops answers about older texts.
  async function check(view) {
    const text = view.state.doc.toString();
    const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
    let problems;
    try {
      const answer = await fetch(field.dataset.check, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify({ text, name: field.dataset.agent }),
      });
      if (answer.status === 413) {
        problems = [{ line: 1, key: "", wrong: "is too large", remedy: "128 KB are the most" }];
      } else if (answer.ok) {
        problems = (await answer.json()).problems;
      } else {
        throw new Error(String(answer.status));
      }
    } catch {
      window.toast?.("The text could not be checked: the server does not answer.", "bad");
      return [];
    }
    if (text !== view.state.doc.toString()) return [];
    show(problems);
    return problems.map((one) => ({
      ...place(view.state.doc, one.line), severity: "error", message: told(one),
    }));
  }

  const readOnly = field.readOnly;
  const view = new CM.EditorView({
    state: CM.EditorState.create({
      doc: field.value,
      extensions: [
        CM.EditorView.cspNonce.of(field.dataset.nonce),
        CM.EditorState.tabSize.of(2),
        CM.EditorState.readOnly.of(readOnly),
        CM.lineNumbers(), CM.foldGutter(), CM.highlightSpecialChars(), CM.history(),
        CM.drawSelection(), CM.indentOnInput(), CM.bracketMatching(),
        CM.highlightActiveLine(), CM.highlightActiveLineGutter(), CM.highlightSelectionMatches(),
        CM.search({ top: true }),
        CM.yaml(), CM.syntaxHighlighting(colours), look,
        CM.EditorView.lineWrapping,
        CM.lintGutter(), ...(readOnly ? [] : [CM.linter(check, { delay: 350 })]),
        // Tab leaves the editor, as it leaves every field.
        CM.keymap.of([
          ...CM.defaultKeymap, ...CM.historyKeymap, ...CM.searchKeymap, ...CM.foldKeymap,
          ...CM.lintKeymap,
        ]),
        CM.EditorView.contentAttributes.of({ "aria-label": "Text of the agent, in YAML", tabindex: "0" }),
        CM.EditorView.updateListener.of((update) => {
          if (update.docChanged) field.value = update.state.doc.toString();
        }),
      ],
    }),
  });
  const box = document.createElement("div");
  box.className = "editor";
  box.append(view.dom);
  field.before(box);
  field.hidden = true;
  document.querySelector(`label[for="${field.id}"]`)?.remove();
  window.agentEditor = view; // for the chat beside it

  // Leaving with a change that is not saved asks first.
  const first = field.value;
  let sending = false;
  form.addEventListener("submit", () => { sending = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!sending && field.value !== first) event.preventDefault();
  });
})();
