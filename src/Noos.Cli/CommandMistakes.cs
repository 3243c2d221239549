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
    // Who writes one of these behind a switch means its value.
    static readonly string[] s_answers = ["true", "false", "yes", "no", "on", "off", "maybe"];

    /// <summary>None where the line can be run.</summary>
    public static List<string> Find(RootCommand root, ParseResult parsed, string[] arguments)
    {
        var command = parsed.CommandResult.Command;
        if (command == root && parsed.UnmatchedTokens is [var first, ..])
        {
            return [first.StartsWith('-') ? UnknownOption(root, first) : Unknown(
                $"There is no command '{first}'.", first, root.Subcommands.Select(known => known.Name), "'noos --help' lists all.")];
        }

        if (command.Subcommands.Count > 0 && command.Action is null && command != root && parsed.Action is ParseErrorAction)
        {
            var known = command.Subcommands.Where(one => !one.Hidden).Select(one => one.Name).ToList();
            var list = $"It is one of: {string.Join(", ", known)}; 'noos {command.Name} --help' tells of each.";
            return [parsed.UnmatchedTokens is [var word, ..] && !word.StartsWith('-')
                ? Unknown($"'noos {command.Name}' has no command '{word}'.", word, known, list)
                : $"'noos {command.Name}' needs a command. {list}"];
        }

        // The parser takes an option that it does not know for a text, where there is room for one.
        var texts = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .Select(token => token.Value);
        if (texts.Concat(parsed.UnmatchedTokens).FirstOrDefault(text => IsOption(text) && !IsBehindDoubleDash(text, arguments))
            is { } option)
        {
            return [UnknownOption(command, option)];
        }

        if (FindStrayAnswer(parsed, arguments) is { } stray)
        {
            return [stray];
        }

        // Asked for help, the errors of the rest do not matter.
        return parsed.Action is ParseErrorAction
            ? [.. parsed.Errors.Select(Plain).Distinct(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>
    /// A word that was meant as the value of a switch, such as <c>--greedy-spans maybe</c>, and would have become a part of the text. Null
    /// where there is none.
    /// </summary>
    static string? FindStrayAnswer(ParseResult parsed, string[] arguments)
    {
        foreach (var option in parsed.CommandResult.Children.OfType<OptionResult>())
        {
            if (option.IdentifierToken is not { Value: var name } || option.Tokens.Count > 0
                || (Nullable.GetUnderlyingType(option.Option.ValueType) ?? option.Option.ValueType) != typeof(bool)
                || Array.IndexOf(arguments, name) is not (>= 0 and var place) || place + 1 >= arguments.Length
                || !s_answers.Contains(arguments[place + 1], StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            return option.Option.ValueType == typeof(bool)
                ? $"The option {name} takes no value; leave out '{arguments[place + 1]}', or put it before the options if it is the text."
                : $"The value of {name} must be true or false, not '{arguments[place + 1]}'.";
        }

        return null;
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

    /// <summary>One sentence, without the names of .NET's types.</summary>
    static string Plain(ParseError error)
    {
        const string Choice = "Must be one of:";
        var symbol = error.SymbolResult;
        while (symbol is ArgumentResult { Parent: OptionResult or ArgumentResult })
        {
            symbol = symbol.Parent;
        }

        const StringSplitOptions Lines = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        var type = (symbol as OptionResult)?.Option.ValueType;
        string[] words = type is not null && (Nullable.GetUnderlyingType(type) ?? type) is { IsEnum: true } kinds
            && error.Message.Contains("as expected type", StringComparison.Ordinal)
            ? [.. Enum.GetNames(kinds).Select(name => name.ToLowerInvariant())]
            : error.Message.IndexOf(Choice, StringComparison.Ordinal) is >= 0 and var start
                ? [.. error.Message[(start + Choice.Length)..].Split('\n', Lines).Select(line => line.Trim('\''))]
                : [];
        if (words.Length > 0
            && symbol?.Tokens.FirstOrDefault(token => !words.Contains(token.Value, StringComparer.OrdinalIgnoreCase))
                is { Value: var given })
        {
            var name = symbol is OptionResult { Option.Name: var option } ? option
                : symbol is ArgumentResult argument ? $"<{argument.Argument.Name}>"
                : "the option";
            return $"The value of {name} must be one of {string.Join(", ", words)}, not '{given}'.";
        }

        return ExpectedType().Replace(error.Message, match => match.Groups["name"].Value switch
        {
            "Int32" or "Int64" or "UInt64" => "as a whole number",
            "Single" or "Double" => "as a number",
            "Boolean" => "as true or false",
            _ => "here",
        });
    }

    [GeneratedRegex(
        @"as expected type '(System\.Nullable`1\[)?System\.(?<name>[A-Za-z0-9]+)\]?'", RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExpectedType();
}
