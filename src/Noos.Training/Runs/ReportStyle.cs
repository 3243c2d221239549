namespace Noos.Training.Runs;

/// <summary>The style sheet of the report.</summary>
public static class ReportStyle
{
    public const string Css = """
        :root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--text:#1b2430;--soft:#667085;--rule:#e4e7ec;--accent:#2f5fd0;
        --c0:#2f5fd0;--c1:#d9720b;--c2:#0f8f6b;--c3:#8a4bd0;--c4:#c93a6b;--c5:#0e87a8;--c6:#7a7f14;--c7:#8a5a3c;--bad:#c92a2a;--good:#0f8f6b}
        @media(prefers-color-scheme:dark){:root{--page:#11151b;--card:#191f28;--text:#e6eaf0;--soft:#94a0b2;--rule:#2b3442;--accent:#7aa2ff;
        --c0:#7aa2ff;--c1:#f5a34c;--c2:#45c9a0;--c3:#bb8cff;--c4:#ff7fa6;--c5:#4cc3e0;--c6:#c5c94b;--c7:#cf9c7a;--bad:#ff7b7b;--good:#45c9a0}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
        main{max-width:1240px;margin:0 auto;padding:28px 20px 60px}
        h1{font-size:26px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
        h2{font-size:17px;margin:34px 0 12px}
        p{margin:0 0 8px}
        .summary,.unit,.none,footer,dt{color:var(--soft)}
        .done{height:6px;border-radius:3px;background:var(--rule);margin:16px 0 18px;overflow:hidden}
        .done i{display:block;height:100%;background:var(--accent)}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:12px;margin-bottom:20px}
        .tiles div,figure,.card{background:var(--card);border:1px solid var(--rule);border-radius:10px}
        .tiles div{padding:11px 14px 12px}
        .tiles span{display:block;color:var(--soft);font-size:13px}
        .tiles b{display:block;font-size:21px;line-height:1.35;font-weight:600;letter-spacing:-.01em;white-space:nowrap}
        .tiles small{color:var(--soft);font-size:13px}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:14px}
        figure{margin:0;padding:13px 14px 8px;display:flex;flex-direction:column}
        figcaption{margin-bottom:1px}
        .legend{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:13px;color:var(--soft);margin-bottom:6px}
        .legend b{color:var(--text);font-weight:600}
        .legend i{display:inline-block;width:11px;height:3px;border-radius:2px;margin-right:6px;vertical-align:middle;background:currentColor}
        .legend .key{width:0;height:11px;border-left:2px dashed currentColor;background:none;border-radius:0}.key.skip{color:var(--c1)}.key.roll-back{color:var(--bad)}.key.resume{color:var(--good)}
        figure>svg{width:100%;height:auto;margin-top:auto}
        text{fill:var(--soft);font-size:12px}
        .grid{stroke:var(--rule)}.axis,.tick{stroke:var(--soft);opacity:.6}
        .c0{color:var(--c0)}.c1{color:var(--c1)}.c2{color:var(--c2)}.c3{color:var(--c3)}.c4{color:var(--c4)}.c5{color:var(--c5)}.c6{color:var(--c6)}.c7{color:var(--c7)}
        .line{fill:none;stroke:currentColor;stroke-width:1.7;stroke-linejoin:round}
        .band{fill:currentColor;opacity:.17}
        circle{fill:currentColor}
        .mark{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:3 3}.mark.skip{stroke:var(--c1)}.mark.roll-back{stroke:var(--bad)}.mark.resume{stroke:var(--good)}
        .card{padding:6px 16px;overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:14px}
        th{text-align:left;font-weight:500;color:var(--soft)}
        th,td{padding:6px 18px 6px 0;border-bottom:1px solid var(--rule);vertical-align:top}
        tr:last-child td{border-bottom:0}
        .even{table-layout:fixed;min-width:620px}
        .number{text-align:right}
        .number:last-child{padding-right:0}
        .two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:0 14px}
        dl{display:grid;grid-template-columns:minmax(120px,max-content) 1fr;gap:4px 18px;margin:6px 0;font-size:14px}
        dd{margin:0;overflow-wrap:anywhere}
        .kind{white-space:nowrap}.kind i{display:inline-block;width:8px;height:8px;border-radius:50%;background:var(--soft);margin-right:7px}
        .kind.skip i{background:var(--c1)}.kind.roll-back i{background:var(--bad)}.kind.resume i{background:var(--good)}
        details{border-bottom:1px solid var(--rule)}details:last-child{border-bottom:0}
        summary{cursor:pointer;padding:8px 0;font-size:14px}
        .inner{padding-left:16px}
        .sample{white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 12px;padding:9px 13px;border-left:3px solid var(--rule);font-size:14px}
        .sample b{font-weight:600;color:var(--accent)}
        footer{margin-top:36px;font-size:13px}
        """;
}
