/* SPDX-License-Identifier: ISC */
/*
 * How the page looks.  The hash belongs to the text to the byte; the unit
 * test says the right one after a change.
 */
#include "page/page_int.h"

const char page_style[] =
    ":root{color-scheme:light dark;--ink:#1c2330;--soft:#5b6577;"
    "--paper:#f6f7f9;--card:#fff;--line:#dfe3ea;--mark:#2456c8;"
    "--good:#1a7f4b;--code:#f1f3f7}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#9aa4b5;"
    "--paper:#12151b;--card:#1a1f28;--line:#2b3240;--mark:#8ab0ff;"
    "--good:#5fd39a;--code:#11151c}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
    "main{max-width:46rem;margin:0 auto;padding:3.5rem 1.25rem 4rem}"
    "p.kind{margin:0;color:var(--mark);font-size:.8rem;font-weight:600;"
    "letter-spacing:.08em;text-transform:uppercase}"
    "h1{margin:.35rem 0 .6rem;font-size:2rem;line-height:1.2;"
    "letter-spacing:-.015em}"
    "h2{margin:2.2rem 0 .7rem;font-size:1.1rem}"
    "p{margin:.6rem 0}"
    "p.lead{color:var(--soft);font-size:1.05rem;margin-bottom:1.6rem}"
    "section.card{background:var(--card);border:1px solid var(--line);"
    "border-radius:12px;padding:1.1rem 1.3rem;margin:1rem 0}"
    "section.card h3{margin:0 0 .35rem;font-size:.95rem}"
    "section.card p{margin:.3rem 0;color:var(--soft);font-size:.93rem}"
    ".dot{display:inline-block;width:.62rem;height:.62rem;border-radius:50%;"
    "margin-right:.5rem;background:var(--soft)}"
    ".dot.yes{background:var(--good)}"
    "pre{margin:.55rem 0 .2rem;padding:.8rem .95rem;overflow-x:auto;"
    "background:var(--code);border:1px solid var(--line);border-radius:8px;"
    "font:.85rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}"
    "code{font:.88em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}"
    "pre.url{font-size:1rem;color:var(--mark);font-weight:600}"
    "footer{margin-top:2.6rem;padding-top:1rem;color:var(--soft);"
    "border-top:1px solid var(--line);font-size:.87rem}";

const char page_style_hash[] =
    "sha256-CbzTjkgf2kLM+tPJZXWISvWbFx6Ri36HWzAaRFbDdeg=";
