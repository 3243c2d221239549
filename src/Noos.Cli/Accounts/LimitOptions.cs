using System.CommandLine;
using System.Globalization;
using Noos.Cli.Permissions;
using Noos.Kernel.Accounts;

namespace Noos.Cli.Accounts;

/// <summary>What a user may use, as options. The word "none" takes a limit away.</summary>
sealed class LimitOptions
{
    const string None = "none";

    readonly Option<string?> _requests = Number(
        "--requests-per-minute", "Requests per minute, or none: what the server allows everybody ('noos up --requests-per-minute').", 1);

    readonly Option<string?> _tokens = Number("--tokens-per-day", "Prompt and answer tokens per day (UTC), or none for no limit.", 0);

    readonly Option<string?> _files = new("--files")
    {
        Description = "Space for all files of the user's conversations, such as 500M or 2G, or none for no limit.",
        HelpName = "SIZE",
    };

    readonly Option<string[]> _allow = Capability("--allow", "Open to the user's tools: net, code, files.read, mcp:SERVER, ...");

    readonly Option<string[]> _deny = Capability("--deny", "Close to the user's tools.");

    public LimitOptions()
    {
        _allow.Validators.Add(GateFlags.RequireKnown);
        _files.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != None && MemorySizeOption.Parse(token.Value) is null)
            {
                result.AddError($"'{token.Value}' is no size; write a number with a unit, such as 500M or 2G, or none.");
            }
        });
    }

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_requests, _tokens, _files, _allow, _deny])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The limits with what the command line says.</summary>
    public AccountLimits Read(ParseResult parsed, AccountLimits known)
    {
        var denied = parsed.GetValue(_deny) ?? [];
        return known with
        {
            RequestsPerMinute = parsed.GetValue(_requests) is { } requests ? (int?)ParseNumber(requests) : known.RequestsPerMinute,
            TokensPerDay = parsed.GetValue(_tokens) is { } tokens ? ParseNumber(tokens) : known.TokensPerDay,
            FileBytes = parsed.GetValue(_files) is { } files
                ? files == None ? null : MemorySizeOption.Parse(files)
                : known.FileBytes,
            Capabilities =
            [
                .. known.Capabilities.Concat(parsed.GetValue(_allow) ?? []).Where(capability => !denied.Contains(capability)),
            ],
        };
    }

    /// <summary>For a person, on one line.</summary>
    public static string Describe(AccountLimits limits) => string.Join(", ", new[]
    {
        limits.RequestsPerMinute is { } requests ? string.Create(CultureInfo.InvariantCulture, $"{requests} requests/min") : null,
        limits.TokensPerDay is { } tokens ? string.Create(CultureInfo.InvariantCulture, $"{tokens} tokens/day") : null,
        limits.FileBytes is { } bytes ? $"{MemorySizeOption.Format(bytes)} of files" : null,
        $"tools: {(limits.Capabilities.Count == 0 ? "none" : string.Join(' ', limits.Capabilities))}",
    }.OfType<string>());

    static long? ParseNumber(string text) => text == None ? null : long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    static Option<string?> Number(string name, string description, long min)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != None
                && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min)
                && !(min == 0 && long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            {
                result.AddError(
                    string.Create(CultureInfo.InvariantCulture, $"The value of {name} must be a whole number of {min} or more, or none."));
            }
        });
        return option;
    }

    static Option<string[]> Capability(string name, string description) => new(name)
    {
        Description = description + " Can be given several times.",
        HelpName = "CAPABILITY",
    };
}
