using System.CommandLine;
using Noos.Core;

namespace Noos.Cli.Chat;

/// <summary>Which tools may be called: <c>--tool</c>, given once for each, and <c>--no-tools</c>.</summary>
/// <param name="whose">Who may call them, such as "the model".</param>
sealed class ToolFlags(string whose)
{
    readonly Option<string[]> _names = new("--tool")
    {
        Description = $"A tool that {whose} may call; can be given several times; without it those that the model knows, with --no-tools "
            + "none.",
        HelpName = "NAME",
    };

    readonly Option<bool> _none = new("--no-tools") { Description = $"{char.ToUpperInvariant(whose[0])}{whose[1..]} may call no tools." };

    public IReadOnlyList<Option> All => [_names, _none];

    /// <summary>The names; null where nothing was asked for.</summary>
    /// <exception cref="NoosException">Tools are named and forbidden.</exception>
    public IReadOnlyList<string>? Names(ParseResult parsed)
    {
        var names = parsed.GetValue(_names) is { Length: > 0 } some ? some : null;
        return !parsed.GetValue(_none) ? names
            : names is null ? []
            : throw new NoosException("With --no-tools no tool can be called; leave out --tool, or --no-tools.");
    }
}
