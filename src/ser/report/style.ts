/** The page's style sheet. */
export const STYLE = `
:root { --ink: #1d2733; --muted: #5d6976; --line: #e1e5ea; --paper: #fff; --ground: #f4f6f8; --blue: #22559c; --amber: #a85f10; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 56px; }
header { margin-bottom: 22px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 0 0 14px; }
h3 { font-size: 14px; margin: 18px 0 8px; }
h3:first-of-type { margin-top: 0; }
p { margin: 0 0 10px; overflow-wrap: anywhere; }
.sub, .quiet { color: var(--muted); }
.sub { overflow-wrap: anywhere; }
.quiet { font-size: 13px; }
section > .quiet:last-child, .beside { margin-bottom: 0; }
.beside { font-size: 13px; border-left: 3px solid #e3b27a; padding: 1px 0 1px 10px; margin-top: 12px; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 20px 22px; margin-bottom: 18px; min-width: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(136px, 1fr)); gap: 12px; margin-bottom: 18px; }
.tile { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; min-width: 0; }
.tile b { display: block; font-size: 26px; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
.tile span { color: var(--muted); font-size: 13px; line-height: 1.35; display: block; }
.tile.main { border-left: 5px solid var(--blue); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 18px; margin-bottom: 18px; }
.pair > section { margin-bottom: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 20px 26px; }
svg { max-width: 100%; height: auto; display: block; margin: 0 auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th { font-weight: 600; font-size: 13px; color: var(--muted); }
th:first-child, td:first-child, th.text { text-align: left; }
tfoot td { color: var(--muted); border-bottom: 0; }
tfoot tr:first-child td { border-top: 2px solid var(--line); }
tbody td:not(.text), tfoot td { white-space: nowrap; }
td.text { text-align: left; overflow-wrap: anywhere; }
tr.own td { font-weight: 600; }
tr.sum td { font-weight: 600; }
tr.paper td, tr.first td { border-top: 2px solid var(--line); }
.meter { display: inline-block; width: 64px; height: 6px; border-radius: 3px; background: #e8ecf1; margin-left: 8px; vertical-align: 2px; text-align: left; }
.meter i { display: block; height: 100%; border-radius: 3px; background: var(--blue); }
td.range { width: 34%; min-width: 150px; vertical-align: middle; }
.track { display: block; position: relative; height: 12px; background: linear-gradient(90deg, transparent calc(25% - 1px), #d5dbe2 25%, transparent 25%, transparent calc(50% - 1px), #d5dbe2 50%, transparent 50%, transparent calc(75% - 1px), #d5dbe2 75%, transparent 75%), #f1f3f6; border-radius: 3px; }
.track i { position: absolute; top: 4px; height: 4px; background: #9dbbe0; border-radius: 2px; }
.track b { position: absolute; top: 1px; width: 10px; height: 10px; margin-left: -5px; border-radius: 5px; background: var(--blue); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 290px), 1fr)); gap: 18px; }
figure { margin: 0; min-width: 0; }
figure img { display: block; width: 100%; height: 130px; border-radius: 6px; background: #08081d; }
figure .gone { display: grid; place-items: center; height: 130px; border-radius: 6px; background: #eef1f4; color: var(--muted); font-size: 13px; }
figcaption { font-size: 13px; margin-top: 6px; overflow-wrap: anywhere; }
figcaption b { font-weight: 650; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 5px 18px; margin: 0; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 20px; }
li { margin-bottom: 5px; overflow-wrap: anywhere; }
.notes { border-left: 5px solid var(--amber); }
footer { color: var(--muted); font-size: 13px; }
@media print {
  body { background: #fff; font-size: 12px; }
  main { max-width: none; padding: 0; }
  section, .tile { break-inside: avoid; border-color: #ccc; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
