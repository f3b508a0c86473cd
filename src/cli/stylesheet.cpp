#include "cli/html.hpp"

namespace aprender::cli::html {

// Blue and vermilion are those of Okabe and Ito (2008), which the colour-blind tell apart; the others keep a contrast
// of 4.5 to their ground. No character here has a meaning in XML.
const std::string_view stylesheet = R"(
:root {
  color-scheme: light dark;
  --ink: #1c2128; --soft: #59636e; --line: #d1d9e0; --paper: #ffffff; --panel: #f6f8fa;
  --up: #0072b2; --down: #d55e00; --up-cell: #0072b2; --down-cell: #d55e00;
  --good: #1a7f37; --warn: #8a5a00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6edf3; --soft: #9aa7b4; --line: #3a434d; --paper: #12161b; --panel: #1b2128;
    --up: #56b4e9; --down: #f0883e; --up-cell: #1f7fbd; --down-cell: #c25604;
    --good: #56d364; --warn: #e3b341;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h1 .version { color: var(--soft); font-weight: 400; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
.text { margin: .5rem 0; max-width: 46rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.lead { color: var(--soft); font-size: 1.1rem; margin: .35rem 0 1rem; }
.missing { color: var(--soft); }
.note { color: var(--soft); font-size: .9rem; }
.points { margin: 1.25rem 0; padding: .75rem 1rem; background: var(--panel); border-left: .3rem solid var(--warn); }
.points.none { border-left-color: var(--good); }
.points h2 { font-size: 1rem; margin: 0; padding: 0; border: 0; }
.points ul { margin: .35rem 0 0; padding-left: 1.2rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .75rem 0 1.25rem; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-top: 1px solid var(--line); }
th { font-weight: 400; overflow-wrap: anywhere; }
thead th { font-weight: 600; border-top: 0; }
td { overflow-wrap: anywhere; }
.facts th { width: 12rem; color: var(--soft); overflow-wrap: normal; }
.facts td { white-space: pre-wrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.wide { overflow-x: auto; }
.wide tbody th { min-width: 10rem; }
.wide td:not(.number), .wide thead th:not(.number) { min-width: 8rem; }
thead th.number { white-space: normal; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 1.5rem; }
figure { margin: 1rem 0; min-width: 0; }
.figures figure { display: grid; grid-row: span 2; grid-template-rows: subgrid; gap: .5rem; }
figcaption strong, figcaption span { display: block; }
figcaption span { color: var(--soft); font-size: .9rem; max-width: 46rem; }
svg { display: block; max-width: 100%; height: auto; fill: var(--ink); }
svg text { font: 12.5px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
svg .value { font-size: 11.5px; font-variant-numeric: tabular-nums; fill: var(--soft); }
svg .cell { font-size: 11px; font-variant-numeric: tabular-nums; }
svg .axis { stroke: var(--soft); stroke-width: 1; }
svg .up { fill: var(--up); }
svg .down { fill: var(--down); }
svg .up-cell { fill: var(--up-cell); }
svg .down-cell { fill: var(--down-cell); }
svg.key { display: inline-block; vertical-align: baseline; }
details { margin: 1rem 0; }
summary { cursor: pointer; font-weight: 600; }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .85rem; }
@media print {
  h2 { margin-top: 1.5rem; }
  @page { margin: 16mm 14mm; }
  :root {
    color-scheme: light; font-size: 10pt;
    --ink: #000000; --soft: #333333; --line: #999999; --paper: #ffffff; --panel: #ffffff;
    --up: #0072b2; --down: #d55e00; --up-cell: #0072b2; --down-cell: #d55e00; --good: #000000; --warn: #000000;
  }
  main { max-width: none; padding: 0; }
  h2, .intro, caption, summary, figcaption { break-after: avoid; }
  figure, tr, .points, .intro, .facts { break-inside: avoid; }
  thead, thead tr { break-after: avoid; }
  tbody tr:first-child { break-before: avoid; }
  summary { list-style: none; }
  thead { display: table-header-group; }
  .wide { overflow: visible; }
  .text { max-width: none; orphans: 3; widows: 3; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
)";

}  // namespace aprender::cli::html
