/** Plain colours first: some programs that show SVG know no media queries. */
export const svgStyle = `
  .ground { fill: #ffffff } text { font: 13px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2328 }
  .label { paint-order: stroke; stroke: #ffffff; stroke-width: 5px; stroke-linejoin: round }
  .title { font-weight: bold; font-size: 15px } .faint { fill: #6e7781 } .wrong { fill: #b3261e }
  .life { stroke: #c4cad1; stroke-width: 1.5 } .write { fill: #1f2328 }
  .read { fill: #ffffff; stroke: #1f2328; stroke-width: 2 }
  .arrow { fill: none; stroke-width: 1.8 } .reads { stroke: #1a7f37 } .before { stroke: #9a6700; stroke-dasharray: 7 4 }
  .misses { stroke: #b3261e; stroke-dasharray: 3 3 }
  .head-reads { fill: #1a7f37 } .head-before { fill: #9a6700 } .head-misses { fill: #b3261e }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3 } .label { stroke: #0d1117 } .faint { fill: #9198a1 }
    .wrong { fill: #ff7b72 } .life { stroke: #3d444d } .write { fill: #e6edf3 }
    .read { fill: #0d1117; stroke: #e6edf3 } .reads { stroke: #3fb950 } .before { stroke: #d29922 }
    .misses { stroke: #ff7b72 } .head-reads { fill: #3fb950 } .head-before { fill: #d29922 } .head-misses { fill: #ff7b72 }
  }`;
