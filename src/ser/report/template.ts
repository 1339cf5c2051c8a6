import { STYLE } from './style.js';

/**
 * The page (Eta syntax): one file with its styles and pictures inside, no script, nothing from a network, which its policy forbids as well.
 * `<%= %>` escapes; the only raw insertions are the SVG pictures, whose text vega escapes itself.
 */
export const TEMPLATE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title><%= it.title %></title>
<style>${STYLE}</style>
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

<section class="notes">
<h2>Read this with the figures</h2>
<p><%= it.protocol %></p>
<% if (it.notes.length > 0) { %>
<ul>
<% it.notes.forEach((note) => { %><li><%= note %></li>
<% }) %>
</ul>
<% } %>
</section>

<section>
<h2>Accuracy, and what it has to beat (the paper’s Table VIII)</h2>
<%~ it.charts.comparison %>
<p class="quiet"><%= it.interval %></p>
<div class="scroll">
<table>
<thead><tr><th>model</th><th class="text">tested by</th><th>accuracy</th><th>UAR</th><th>macro F1</th><th>weighted F1</th></tr></thead>
<tbody>
<% it.comparison.forEach((row) => { %>
<tr class="<%= row.kind %>"><td class="text"><%= row.name %></td><td class="text"><%= row.protocol %></td><% row.cells.forEach((cell) => { %><td><%= cell %></td><% }) %></tr>
<% }) %>
</tbody>
</table>
</div>
<p class="beside">The paper reports <%= it.paper.accuracy %> for accuracy, macro and weighted averages, on <%= it.paper.support %> test items. <% if (it.paper.same) { %>This run was tested in the same way as far as it can be told.<% } else { %>It was tested in another way than this run, so the last row is no mark to reach.<% } %> UAR is the mean recall of the classes.</p>
</section>

<section>
<h2>Confusion matrix (the paper’s Figure 15)</h2>
<div class="scroll"><%~ it.charts.confusion %></div>
<p class="quiet">Rows are the true classes, columns the predicted ones. Numbers are clips; the shade and the percentage are the share of the row.</p>
<p class="beside">The paper’s matrix counts <%= it.paper.support %> items, with 96 to 100 % of each row on the diagonal.</p>
</section>

<section>
<h2>Classes (the paper’s Table VII)</h2>
<div class="scroll">
<table>
<thead><tr><th>class</th><th>precision</th><th>recall</th><th>F1</th><% if (it.areas) { %><th>area under ROC</th><% } %><th>clips</th></tr></thead>
<tbody>
<% it.rows.forEach((row) => { %>
<tr><td class="text"><%= row.name %></td><td><%= row.precision %></td><td><%= row.recall %></td><td><%= row.f1 %><span class="meter"><i style="width:<%= row.percent %>%"></i></span></td><% if (it.areas) { %><td><%= row.auc %></td><% } %><td><%= row.support %></td></tr>
<% }) %>
</tbody>
<tfoot>
<% it.averages.forEach((row) => { %>
<tr><td><%= row.name %></td><td><%= row.precision %></td><td><%= row.recall %></td><td><%= row.f1 %><span class="meter"><i style="width:<%= row.percent %>%"></i></span></td><% if (it.areas) { %><td><%= row.auc %></td><% } %><td><%= row.support %></td></tr>
<% }) %>
</tfoot>
</table>
</div>
<p class="beside">The paper’s precision, recall and F1 lie between <%= it.paper.low %> and <%= it.paper.high %> for every class, <%= it.paper.accuracy %> on average.</p>
</section>

<% if (it.curves.length > 0) { %>
<section>
<h2>While training (the paper’s Figure 14)</h2>
<div class="charts">
<% it.curves.forEach((curve) => { %><div><%~ curve.svg %></div>
<% }) %>
</div>
<p class="beside">The paper draws accuracy and loss over its epochs, up to 150 with early stopping; its validation clips most likely come from the same pool of copies as its training clips.</p>
</section>
<% } %>

<% if (it.charts.roc || it.charts.reliability) { %>
<div class="pair">
<% if (it.charts.roc) { %>
<section>
<h2>ROC curves (the paper’s Figure 16)</h2>
<%~ it.charts.roc %>
<p class="quiet">Each class against the rest; the dashed line is a guess.</p>
<p class="beside">The paper reports areas of <%= it.paper.auc %>.</p>
</section>
<% } %>
<% if (it.charts.reliability) { %>
<section>
<h2>Is its confidence deserved?</h2>
<%~ it.charts.reliability %>
<p class="quiet">Bars below the dashed line: surer than right. The expected calibration error, <%= it.calibrationError %>, is the mean distance of the dots from the line, over clips. The paper tells nothing of calibration.</p>
</section>
<% } %>
</div>
<% } %>

<% if (it.groups.length > 0) { %>
<section>
<h2>Parts of the test</h2>
<% it.groups.forEach((part) => { %>
<h3>By <%= part.by %></h3>
<div class="scroll">
<table>
<thead><tr><th><%= part.by %></th><th class="text">accuracy from 0 to 100%, with its interval</th><th>accuracy</th><th>95 %</th><th>UAR</th><th>macro F1</th><th>clips</th></tr></thead>
<tbody>
<% part.rows.forEach((row) => { %>
<tr><td class="text"><%= row.name %></td><td class="range"><span class="track"><i style="left:<%= row.left %>%;width:<%= row.width %>%"></i><b style="left:<%= row.at %>%"></b></span></td><td><%= row.accuracy %></td><td><%= row.interval %></td><td><%= row.uar %></td><td><%= row.macroF1 %></td><td><%= row.clips %></td></tr>
<% }) %>
</tbody>
</table>
</div>
<p class="quiet">Intervals: bootstrap over <%= part.over %>.</p>
<% }) %>
<p class="beside">The paper gives no figures by corpus, gender or speaker.</p>
</section>
<% } %>

<% if (it.mistakes.length > 0) { %>
<section>
<h2>Mistakes it was surest of</h2>
<div class="cards">
<% it.mistakes.forEach((clip) => { %>
<figure>
<% if (clip.picture) { %><img src="<%= clip.picture %>" alt="log-mel spectrogram of <%= clip.file %>"><% } else { %><div class="gone">the file is no longer there</div><% } %>
<figcaption><b><%= clip.truth %></b>, taken for <b><%= clip.said %></b> with <%= clip.confidence %> (<%= clip.truth %>: <%= clip.truthProbability %>)<br><span class="quiet"><%= clip.file %><%= clip.seconds ? ', ' + clip.seconds : '' %><%= clip.altered ? ', altered by ' + clip.altered + '; the picture is the original’s' : '' %></span></figcaption>
</figure>
<% }) %>
</div>
<p class="quiet" style="margin-top:12px">Log-mel spectrograms, 128 bands from 0 to 8 kHz, the loudest 70 dB; time runs to the right over the whole clip.</p>
</section>
<% } %>

<% if (it.counts.length > 0) { %>
<section>
<h2>Clips by corpus, class and side (the paper’s Tables III and IV)</h2>
<div class="scroll">
<table>
<thead><tr><th>side</th><th class="text">corpus</th><% it.rows.forEach((row) => { %><th><%= row.name %></th><% }) %><th>all</th></tr></thead>
<tbody>
<% it.counts.forEach((row, i) => { %>
<tr class="<%= row.sum ? 'sum' : '' %><%= i > 0 && it.counts[i - 1].side !== row.side ? ' first' : '' %>"><td><%= row.side %></td><td class="text"><%= row.corpus %></td><% row.counts.forEach((n) => { %><td><%= n %></td><% }) %><td><%= row.total %></td></tr>
<% }) %>
</tbody>
</table>
</div>
<p class="beside">The paper fuses four corpora to <%= it.paper.clips %> clips: angry, disgust, fear, happy and sad 1,923 each, neutral 1,703, surprise 652.</p>
</section>
<% } %>

<div class="pair">
<section>
<h2>Run (the paper’s Table VI)</h2>
<dl>
<% it.settings.forEach(([name, value]) => { %><dt><%= name %></dt><dd><%= value %></dd>
<% }) %>
</dl>
<p class="beside">The paper: batch 32, up to 150 epochs with early stopping, Adam or RMSprop at 0.001 with a scheduler, dropout 0.3 to 0.5.</p>
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
<thead><tr><th>file</th><th class="text">why</th></tr></thead>
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
