using System.Collections.Concurrent;
using Noos.Inference.Constraints.Patterns;

namespace Noos.Inference.Constraints.Schemas;

/// <summary>
/// The formats of JSON Schema that a regular expression can describe. Others are annotations, as the specification allows.
/// </summary>
static class StringFormats
{
    const string Date = @"\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))";
    const string Time = @"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)";
    const string Label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    const string Byte = @"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)";

    static readonly HashSet<string> s_known =
        [.. ((string[])["date", "time", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"])
            .Select(format => Find(format)!)];

    static readonly ConcurrentDictionary<string, PatternAutomaton> s_automata = new(StringComparer.Ordinal);

    /// <summary>The automaton of a known format's pattern, made once; null for any other pattern.</summary>
    public static PatternAutomaton? FindAutomaton(string pattern) =>
        s_known.Contains(pattern) ? s_automata.GetOrAdd(pattern, static one => PatternAutomaton.Compile(RegexSyntax.Parse(one))) : null;

    /// <summary>A pattern of the format; null for one that is not known.</summary>
    public static string? Find(string format) => format switch
    {
        "date" => $"^{Date}$",
        "time" => $"^{Time}$",
        "date-time" => $"^{Date}T{Time}$",
        "duration" => @"^P(\d+W|\d+D(T(\d+H)?(\d+M)?\d+S)?|T\d+[HMS])$",
        "email" => $@"^[A-Za-z0-9_+-]{{1,32}}(\.[A-Za-z0-9_+-]{{1,16}}){{0,2}}@{Label}(\.{Label}){{1,3}}$",
        "hostname" => $@"^{Label}(\.{Label}){{0,3}}$",
        "ipv4" => $@"^{Byte}(\.{Byte}){{3}}$",
        "ipv6" => "^([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$",
        "uuid" => "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        "uri" or "iri" or "uri-reference" =>
            $@"^https?://{Label}(\.{Label}){{0,3}}(/[A-Za-z0-9._~-]{{0,60}}){{0,8}}(\?[A-Za-z0-9._~=&-]{{1,60}})?$",
        _ => null,
    };
}
