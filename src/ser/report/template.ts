/**
 * The page (Eta syntax): one file with its styles and pictures inside, no script, nothing from a network. `<%= %>` escapes; the only
 * raw insertions are the SVG pictures, whose text vega escapes itself.
 */
export const TEMPLATE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title><%= it.title %></title>
<style>
:root { --ink: #1d2733; --muted: #5d6976; --line: #e1e5ea; --paper: #fff; --ground: #f4f6f8; --blue: #22559c; --amber: #a85f10; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 56px; }
header { margin-bottom: 22px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 17px; margin: 0 0 14px; }
p { margin: 0 0 10px; }
.sub, .quiet { color: var(--muted); }
.quiet { font-size: 13px; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 20px 22px; margin-bottom: 18px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-bottom: 18px; }
.tile { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 14px 18px; }
.tile b { display: block; font-size: 28px; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
.tile span { color: var(--muted); font-size: 13px; }
.tile.main { border-left: 5px solid var(--blue); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 18px; }
.pair > section { margin-bottom: 0; }
.pair + * { margin-top: 18px; }
svg { max-width: 100%; height: auto; display: block; margin: 0 auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th { font-weight: 600; font-size: 13px; color: var(--muted); }
th:first-child, td:first-child { text-align: left; }
tfoot td { color: var(--muted); border-bottom: 0; }
tfoot tr:first-child td { border-top: 2px solid var(--line); }
tbody td:not(.text), tfoot td { white-space: nowrap; }
td.text { text-align: left; overflow-wrap: anywhere; }
.meter { display: inline-block; width: 64px; height: 6px; border-radius: 3px; background: #e8ecf1; margin-left: 8px; vertical-align: 2px; text-align: left; }
.meter i { display: block; height: 100%; border-radius: 3px; background: var(--blue); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 5px 18px; margin: 0; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 20px; }
li { margin-bottom: 5px; }
.notes { border-left: 5px solid var(--amber); }
footer { color: var(--muted); font-size: 13px; }
@media print {
  body { background: #fff; font-size: 12px; }
  main { max-width: none; padding: 0; }
  section, .tile { break-inside: avoid; border-color: #ccc; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
</style>
</head>
<body>
<main>
<header>
<h1><%= it.title %></h1>
<p class="sub"><%= it.subtitle %></p>
</header>

<div class="tiles">
<% it.tiles.forEach((tile, i) => { %>
<div class="tile<%= i === 0 ? ' main' : '' %>"><b><%= tile.value %></b><span><%= tile.label %></span></div>
<% }) %>
</div>

<% if (it.notes.length > 0) { %>
<section class="notes">
<h2>Read this with the figures</h2>
<ul>
<% it.notes.forEach((note) => { %><li><%= note %></li>
<% }) %>
</ul>
</section>
<% } %>

<section>
<h2>Accuracy, and what it has to beat</h2>
<%~ it.charts.comparison %>
<p class="quiet"><%= it.intervalText %></p>
</section>

<section>
<h2>Confusion matrix</h2>
<div class="scroll"><%~ it.charts.confusion %></div>
<p class="quiet">Rows are what was said, columns what was heard. Numbers are clips; the shade and the percentage are the share of the row.</p>
</section>

<section>
<h2>Classes</h2>
<div class="scroll">
<table>
<thead><tr><th>class</th><th>precision</th><th>recall</th><th>F1</th><th>clips</th></tr></thead>
<tbody>
<% it.rows.forEach((row) => { %>
<tr><td><%= row.name %></td><td><%= row.precision %></td><td><%= row.recall %></td><td><%= row.f1 %><span class="meter"><i style="width:<%= row.percent %>%"></i></span></td><td><%= row.support %></td></tr>
<% }) %>
</tbody>
<tfoot>
<% it.averages.forEach((row) => { %>
<tr><td><%= row.name %></td><td><%= row.precision %></td><td><%= row.recall %></td><td><%= row.f1 %><span class="meter"><i style="width:<%= row.percent %>%"></i></span></td><td><%= row.support %></td></tr>
<% }) %>
</tfoot>
</table>
</div>
</section>

<% if (it.charts.loss) { %>
<div class="pair">
<section><h2>Loss</h2><%~ it.charts.loss %></section>
<% if (it.charts.accuracy) { %><section><h2>Accuracy while training</h2><%~ it.charts.accuracy %></section><% } %>
</div>
<% } %>

<% if (it.charts.roc) { %>
<section>
<h2>Each class against the rest</h2>
<%~ it.charts.roc %>
</section>
<% } %>

<% if (it.groups.length > 0) { %>
<section>
<h2>By speaker or corpus</h2>
<div class="scroll">
<table>
<thead><tr><th>who</th><th>accuracy</th><th>clips</th></tr></thead>
<tbody>
<% it.groups.forEach((group) => { %>
<tr><td><%= group.name %></td><td><%= group.accuracy %><span class="meter"><i style="width:<%= group.percent %>%"></i></span></td><td><%= group.clips %></td></tr>
<% }) %>
</tbody>
</table>
</div>
</section>
<% } %>

<div class="pair">
<section>
<h2>Run</h2>
<dl>
<% it.settings.forEach(([name, value]) => { %><dt><%= name %></dt><dd><%= value %></dd>
<% }) %>
</dl>
</section>
<section>
<h2>Data</h2>
<dl>
<% it.data.forEach(([name, value]) => { %><dt><%= name %></dt><dd><%= value %></dd>
<% }) %>
</dl>
</section>
</div>

<% if (it.rejected.length > 0) { %>
<section>
<h2>Files left out</h2>
<div class="scroll">
<table>
<thead><tr><th>file</th><th style="text-align:left">why</th></tr></thead>
<tbody>
<% it.rejected.forEach((row) => { %>
<tr><td class="text"><%= row.file %></td><td class="text"><%= row.reason %></td></tr>
<% }) %>
</tbody>
</table>
</div>
<% if (it.moreRejected > 0) { %><p class="quiet">And <%= it.moreRejected %> more.</p><% } %>
</section>
<% } %>

<footer>Made by Formant. This page needs no network and runs no script.</footer>
</main>
</body>
</html>
`;
