namespace Noos.Pages.Chat;

/// <summary>What a model does with its tools, in a sentence for people.</summary>
static class ToolAbilities
{
    public const string Unknown = "shows you when it uses a tool.";

    /// <summary>Of an encoder.</summary>
    public const string None = "makes vectors of texts and does not chat: choose another model above, or get one under Models.";

    static readonly (string Tool, string Ability)[] s_abilities =
    [
        ("calculator", "calculates exactly"), ("search", "searches"), ("open_page", "opens pages"), ("read_file", "reads files"),
        ("python", "runs code"), ("javascript", "runs code"), ("clock", "knows the time"), ("convert", "converts units"),
        ("remember", "remembers"),
    ];

    /// <summary>Goes on behind the name of the model.</summary>
    /// <param name="tools">The names of those that it is offered.</param>
    public static string Describe(IEnumerable<string> tools)
    {
        var known = tools.ToHashSet(StringComparer.Ordinal);
        string[] can = [.. s_abilities.Where(ability => known.Contains(ability.Tool)).Select(ability => ability.Ability).Distinct()];
        return can.Length switch
        {
            0 => "answers from what it has learnt, without tools.",
            1 => $"{can[0]} with a real tool, and shows you when it does.",
            _ => $"{string.Join(", ", can[..^1])} and {can[^1]} with real tools, and shows you when it does.",
        };
    }
}
