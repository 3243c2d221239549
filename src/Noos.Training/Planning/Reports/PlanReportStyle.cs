namespace Noos.Training.Planning.Reports;

/// <summary>What the report of a plan adds to the style sheet of training reports.</summary>
static class PlanReportStyle
{
    public const string Css = """
        :root{--useful:#2a9d8f;--slow:#8ecfc6;--redone:#f2a33a;--recovering:#d1495b;--waiting:#6d597a;--track:#eef1f4}
        @media(prefers-color-scheme:dark){:root{--useful:#2f9c8d;--slow:#7cc9bf;--redone:#f0a848;--recovering:#ef6f7f;--waiting:#a58bb5;
        --track:#222a35}}
        header.plan{display:flex;flex-wrap:wrap;gap:8px 28px;align-items:flex-end;justify-content:space-between;margin-bottom:18px}
        header.plan p{max-width:72ch}
        .verdict{border-radius:10px;padding:10px 16px;font-size:14px;border:1px solid var(--rule);background:var(--card)}
        .verdict b{font-size:24px;letter-spacing:-.02em;display:block;line-height:1.15}
        .verdict.good b{color:var(--good)}.verdict.bad b{color:var(--bad)}
        .wide{margin-bottom:14px}
        .useful{color:var(--useful)}.slow{color:var(--slow)}.redone{color:var(--redone)}
        .recovering{color:var(--recovering)}.waiting{color:var(--waiting)}
        .legend i.box{height:11px;border-radius:3px}
        .legend i.dash{height:0;width:16px;border-top:2px dashed currentColor;background:none;border-radius:0}
        .fill{fill:currentColor}
        .row{fill:var(--track)}
        .dot{opacity:.55}
        .dashed{fill:none;stroke:currentColor;stroke-width:1.5;stroke-dasharray:5 4}
        .bar{stroke:var(--text);stroke-width:1.2;stroke-dasharray:2 3;opacity:.7}
        .area{opacity:.28;fill:currentColor}
        text.end{font-size:12px;font-weight:600;fill:currentColor}
        text.note{fill:var(--text);font-size:12px}
        .stack{display:flex;height:26px;border-radius:7px;overflow:hidden;background:var(--track);margin:4px 0 8px;position:relative}
        .stack i{display:block;height:100%;background:currentColor;border-right:1px solid var(--card)}
        .stack i:last-of-type{border-right:0}
        .stack .limit{position:absolute;top:0;bottom:0;width:0;border-left:2px dashed var(--text)}
        .parts{display:grid;grid-template-columns:1fr auto auto;gap:2px 16px;font-size:14px;align-items:baseline;margin:0 0 6px}
        .parts span:first-child i,.parts i.box{display:inline-block;width:10px;height:10px;border-radius:3px;background:currentColor;
        margin-right:8px}
        .parts span{color:var(--soft)}
        .parts b{font-weight:600;text-align:right}
        .parts em{font-style:normal;color:var(--soft);text-align:right;min-width:4.5ch}
        .parts .name{color:var(--text)}
        .runs{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,560px),1fr));gap:14px}
        .run{padding:14px 16px}
        .run h3{margin:0 0 2px;font-size:15px}
        .run p{font-size:13.5px;color:var(--soft)}
        .run h4{margin:12px 0 4px;font-size:12px;text-transform:uppercase;letter-spacing:.06em;color:var(--soft);font-weight:600}
        .run ul{margin:0;padding:0;list-style:none;font-size:13px}
        .run li{padding:3px 0;border-bottom:1px solid var(--rule)}
        .run li:last-child{border-bottom:0}
        .run li span{color:var(--soft)}
        .run table{font-size:13.5px}
        .run td,.run th{padding:5px 14px 5px 0}
        .run td small{display:block;color:var(--soft);font-size:12px}
        .pill{display:inline-block;border-radius:20px;padding:1px 9px;font-size:12.5px;font-weight:600;white-space:nowrap}
        .pill.good{color:var(--good);background:color-mix(in srgb,var(--good) 14%,transparent)}
        .pill.bad{color:var(--bad);background:color-mix(in srgb,var(--bad) 14%,transparent)}
        td.best{font-weight:600}
        td.over{color:var(--good);font-weight:600}
        .table{overflow-x:auto;padding:4px 16px}
        """;
}
