import { DARK, LIGHT, variablesOf } from "./palette.ts";

// The dashboard's one style sheet. What a state is, is said by a word and a symbol; colour only repeats it.

export const STYLE = `
:root{color-scheme:light dark;${variablesOf(LIGHT)};--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{${variablesOf(DARK)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:.18em}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:3px}
h1,h2,h3,p,ul,ol,dl,dd,figure,pre,table{margin:0;padding:0}
ul,ol{list-style:none}
h1{font-size:1.5rem;line-height:1.25;font-weight:650;letter-spacing:-.01em}
h2{font-size:1.1rem;line-height:1.3;font-weight:650}
h3{font-size:1rem;line-height:1.35;font-weight:600}
h4{margin:0 0 .35rem;font-size:.8rem;font-weight:600;color:var(--muted)}
code,pre,.mono{font-family:var(--mono);font-size:.88em}
.skip{position:absolute;left:-999rem;top:.5rem;background:var(--surface);padding:.5rem .8rem;z-index:2}
.skip:focus{left:.5rem}
.bar{display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;align-items:baseline;padding:.7rem max(1rem,calc((100vw - 76rem)/2));background:var(--surface);border-bottom:1px solid var(--line)}
.bar .home{font-weight:650;color:var(--text);text-decoration:none}
.bar nav ul{display:flex;flex-wrap:wrap;gap:0 1.1rem}
.bar .live{margin-left:auto;color:var(--muted);font-size:.88rem}
main,footer{max-width:78rem;margin:0 auto;padding:1.4rem 1rem}
footer{padding-top:0;color:var(--muted);font-size:.88rem}
section{margin:0 0 2.2rem}
section>h2{margin:0 0 .7rem}
.muted{color:var(--muted)}
.small{font-size:.88rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.tally{display:flex;flex-wrap:wrap;gap:.3rem 2rem;margin:0 0 1.6rem;font-size:1.05rem}
.tally strong{font-size:1.5rem;font-weight:650;font-variant-numeric:tabular-nums;margin-right:.3rem}
.state{font-weight:600;white-space:nowrap}
.state i{font-style:normal;display:inline-block;width:1.25em;text-align:center;margin-right:.15em;font-variant-emoji:text}
.good{color:var(--good)}.waiting{color:var(--waiting)}.bad{color:var(--bad)}.idle{color:var(--muted)}
.card{background:var(--surface);border:1px solid var(--line);border-radius:8px;padding:.9rem 1.1rem;margin:0 0 .8rem}
.card>header{display:flex;flex-wrap:wrap;gap:.1rem .9rem;align-items:baseline}
.card>header .age{margin-left:auto}
.age{color:var(--muted);font-size:.88rem;white-space:nowrap}
.why{margin:.25rem 0 0;overflow-wrap:anywhere;unicode-bidi:isolate}
.problems .card{border-left-width:5px}
.problems .bad-edge{border-left-color:var(--bad)}
.problems .waiting-edge{border-left-color:var(--waiting)}
.problems .mates{margin:.3rem 0 0;font-size:.88rem}
.calm{background:var(--good-surface);border:1px solid var(--line);border-radius:8px;padding:.8rem 1.1rem}
.flow{display:grid;grid-template-columns:minmax(0,1.3fr) minmax(0,1.25fr) minmax(0,1fr) minmax(0,.9fr);gap:.9rem 1.6rem;margin:.9rem 0 0}
.flow.three{grid-template-columns:minmax(0,1.3fr) minmax(0,1.25fr) minmax(0,1.9fr)}
.flow>div{border-top:2px solid var(--line);padding-top:.5rem;min-width:0}
.rows li{display:flex;flex-wrap:wrap;gap:0 .55rem;align-items:baseline;padding:.1rem 0;overflow-wrap:anywhere}
.flow .rows li{display:grid;grid-template-columns:max-content minmax(0,1fr)}
.flow .rows li>:only-child,.flow .rows li>:nth-child(3){grid-column:1/-1}
.rows .state{font-size:.88rem}
.rows .mono{font-size:.82em}
.rows .to{display:inline-block;max-width:100%;color:var(--muted);font-size:.88rem}
.facts{display:flex;flex-wrap:wrap;gap:.1rem 1.4rem;margin:.35rem 0 0;font-size:.88rem;color:var(--muted)}
.facts b{color:var(--text);font-weight:600;font-variant-numeric:tabular-nums}
.steps{display:flex;flex-wrap:wrap;gap:.4rem;margin:.6rem 0 0;counter-reset:step}
.steps li{flex:1 1 9rem;border:1px solid var(--line);border-top:4px solid var(--line);border-radius:4px;padding:.35rem .6rem;min-width:0;overflow-wrap:anywhere}
.steps .good-edge{border-top-color:var(--good)}.steps .waiting-edge{border-top-color:var(--waiting)}.steps .bad-edge{border-top-color:var(--bad)}
progress{appearance:none;vertical-align:middle;width:9rem;max-width:100%;height:.55rem;border:1px solid var(--line);border-radius:4px;background:var(--sunken);overflow:hidden}
progress::-webkit-progress-bar{background:var(--sunken)}
progress::-webkit-progress-value{background:var(--muted)}
progress::-moz-progress-bar{background:var(--muted)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th{font-size:.8rem;font-weight:600;color:var(--muted);text-align:left;white-space:nowrap}
th,td{padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td.text{overflow-wrap:anywhere}
td.name{min-width:9rem}
.card:has(table){overflow-x:auto}
tr:last-child td{border-bottom:0}
details{margin:.5rem 0 0}
summary{cursor:pointer;color:var(--link);width:fit-content;padding:.1rem 0}
pre{background:var(--sunken);border:1px solid var(--line);border-radius:6px;padding:.7rem .9rem;overflow:auto;max-height:34rem;margin:.5rem 0 0;line-height:1.45;tab-size:2}
.diff{font-family:var(--mono);font-size:.84rem;border:1px solid var(--line);border-radius:6px;margin:.5rem 0 0;overflow-x:auto}
.diff dt{padding:.35rem .8rem .1rem;color:var(--muted);overflow-wrap:anywhere}
.diff dd{padding:.05rem .8rem;white-space:pre-wrap;overflow-wrap:anywhere}
.diff dd::before{content:attr(data-sign) " ";font-weight:700}
.diff .minus{color:var(--bad);background:var(--bad-surface)}
.diff .plus{color:var(--good);background:var(--good-surface)}
.crumbs{margin:0 0 .5rem;font-size:.93rem}
.title~.rows{margin:0 0 1.2rem}
.title{display:flex;flex-wrap:wrap;gap:.2rem 1rem;align-items:baseline;margin:0 0 .9rem;overflow-wrap:anywhere}
.title h1{min-width:0}
.actions{display:flex;flex-wrap:wrap;gap:.5rem .9rem;align-items:center;margin:.7rem 0 0}
button,.button{font:inherit;font-size:.93rem;color:var(--text);background:var(--surface);border:1px solid var(--muted);border-radius:6px;padding:.3rem .8rem;cursor:pointer;text-decoration:none}
button:hover,.button:hover{background:var(--sunken)}
.calls{display:flex;flex-wrap:wrap;gap:.35rem .6rem;margin:.4rem 0 0;font-size:.88rem}
.calls a,.calls [aria-current]{display:block;border:1px solid var(--line);border-radius:6px;padding:.25rem .65rem;text-decoration:none;color:var(--text)}
.calls [aria-current]{border-color:var(--focus);font-weight:600}
@media (max-width:60rem){.flow,.flow.three{grid-template-columns:1fr 1fr}}
@media (max-width:38rem){
body{font-size:14.5px}
main,footer{padding:1rem .8rem}
.flow,.flow.three{grid-template-columns:1fr}
.card{padding:.75rem .8rem}
.card>header .age,.bar .live{margin-left:0}
.tally{gap:.1rem 1.2rem}
table.stack,table.stack tbody,table.stack tr,table.stack td{display:block;width:100%}
table.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table.stack tr{border-bottom:1px solid var(--line);padding:.4rem 0}
table.stack td{border:0;padding:.05rem 0;overflow-wrap:anywhere}
table.stack td.short{display:inline;margin-right:.6rem}
table.stack tr:last-child{border-bottom:0}
table.stack td[data-label]::before{content:attr(data-label) ": ";color:var(--muted);font-size:.85rem}
}
@media (forced-colors:active){.card,.steps li{border:1px solid}}
@media print{.bar nav,.live,.actions{display:none}}
`.trim();
