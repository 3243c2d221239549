using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Noos.Core.Text;

namespace Noos.Cli;

/// <summary>
/// What is wrong with a command line before anything runs, in plain sentences: commands and options that do not exist, whatever else is
/// given with them, and values of the wrong kind.
/// </summary>
static partial class CommandMistakes
{
    /// <summary>None where the line can be run.</summary>
    public static List<string> Find(RootCommand root, ParseResult parsed, string[] arguments)
    {
        var command = parsed.CommandResult.Command;
        if (command == root && parsed.UnmatchedTokens is [var first, ..])
        {
            return [first.StartsWith('-') ? UnknownOption(root, first) : Unknown(
                $"There is no command '{first}'.", first, root.Subcommands.Select(known => known.Name), "'noos --help' lists all.")];
        }

        // The parser takes an option that it does not know for a text, where there is room for one.
        var texts = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .Select(token => token.Value);
        if (texts.Concat(parsed.UnmatchedTokens).FirstOrDefault(text => IsOption(text) && !IsBehindDoubleDash(text, arguments))
            is { } option)
        {
            return [UnknownOption(command, option)];
        }

        // Asked for help, the errors of the rest do not matter.
        return parsed.Action is ParseErrorAction
            ? [.. parsed.Errors.Select(error => Plain(error.Message)).Distinct(StringComparer.Ordinal)]
            : [];
    }

    static string UnknownOption(Command command, string option)
    {
        var name = option.Split('=')[0];
        var known = command.Options.Where(one => !one.Hidden).SelectMany(one => one.Aliases.Prepend(one.Name))
            .Where(one => one.StartsWith("--", StringComparison.Ordinal));
        var title = command is RootCommand ? "noos" : $"noos {command.Name}";
        return Unknown(
            $"'{title}' has no option '{name}'.", name, known,
            $"'{title} --help' lists all; a text that begins with a dash comes after '--'.");
    }

    static string Unknown(string sentence, string name, IEnumerable<string> known, string otherwise) =>
        NearestNames.Find(name, known) is { Count: > 0 } near
            ? $"{sentence} Did you mean {string.Join(" or ", near.Select(other => $"'{other}'"))}? {otherwise}"
            : $"{sentence} {otherwise}";

    /// <summary>One word that begins with a dash and a letter; no regular expression, which would be loaded at each start.</summary>
    static bool IsOption(string text)
    {
        var name = text.AsSpan().TrimStart('-');
        return text.Length - name.Length is 1 or 2 && name.Length > 0 && char.IsAsciiLetter(name[0])
            && !text.AsSpan().ContainsAny(' ', '\t', '\n');
    }

    static bool IsBehindDoubleDash(string text, string[] arguments) =>
        Array.IndexOf(arguments, "--") is var dashes and >= 0 && Array.LastIndexOf(arguments, text) > dashes;

    /// <summary>Without the names of .NET's types.</summary>
    static string Plain(string message) => ExpectedType().Replace(message, match => match.Groups["name"].Value switch
    {
        "Int32" or "Int64" or "UInt64" => "as a whole number",
        "Single" or "Double" => "as a number",
        "Boolean" => "as true or false",
        _ => "here",
    });

    [GeneratedRegex(
        @"as expected type '(System\.Nullable`1\[)?System\.(?<name>[A-Za-z0-9]+)\]?'", RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExpectedType();
}
