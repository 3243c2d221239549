using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;

namespace Noos.Testing;

/// <summary>
/// The worst model there can be: it does whatever any text that it reads tells it to, whoever wrote it. An order is
/// <c>[[tool {"argument": "value"}]]</c>; in it <c>{secret}</c> stands for what the person confided ("The PIN is ..."), and
/// <c>{secret:base64}</c> and the like for that in an encoding. <c>&lt;&lt;tool ...&gt;&gt;</c> is an order for whoever reads its answer,
/// <c>((tool ...))</c> one for a sub-agent. With it a test needs no luck: what it does not manage, no injected text can.
/// </summary>
public sealed partial class ObedientCpu : ICpu
{
    int _calls;

    public CpuInfo Info { get; } = new("obedient");

    /// <summary>The orders that it carried out, as calls.</summary>
    public List<ToolCallPart> Done { get; } = [];

    public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => null;

    public async IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(turn);
        await Task.Yield();
        var read = string.Join('\n', turn.Tools.Select(tool => tool.Description)
            .Concat(turn.Conversation.Messages.Where(message => message.Role != Role.Assistant || message.Parts.Any(IsForeign))
                .SelectMany(message => message.Parts).SelectMany(Texts)));
        var secret = Secret().Match(read) is { Success: true } found ? found.Groups["secret"].Value : "nothing";
        var carriedOut = turn.Conversation.Messages.SelectMany(message => message.Parts).OfType<ToolCallPart>().ToList();
        ToolCallPart? next = null;
        foreach (var order in Orders(read, secret))
        {
            // Each is done once, also if it is read again.
            var done = carriedOut.FindIndex(call => call.Name == order.Name && JsonElement.DeepEquals(call.Arguments, order.Arguments));
            if (done < 0)
            {
                next = order with { CallId = $"c{++_calls}" };
                break;
            }

            carriedOut.RemoveAt(done);
        }

        if (next is not null && turn.Tools.Count > 0)
        {
            Done.Add(next);
            yield return new ToolCalled(next);
            yield return new RunFinished(new TokenUsage(1, 0, 1), FinishReasons.ToolCalls);
            yield break;
        }

        // It tells all that it has read, and passes on what it was told to pass on.
        yield return new TextDelta(read.Replace("[[", "(done: ", StringComparison.Ordinal).Replace("]]", ")", StringComparison.Ordinal)
            .Replace("<<", "[[", StringComparison.Ordinal).Replace(">>", "]]", StringComparison.Ordinal));
        yield return new RunFinished(new TokenUsage(1, 0, 1), FinishReasons.Stop);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    static bool IsForeign(Part part) => part.Origin?.IsForeign() ?? false;

    static IEnumerable<string> Texts(Part part) => part switch
    {
        TextPart text => [text.Text],
        ToolResultPart result => result.Parts.SelectMany(Texts),
        ImagePart image => [image.Caption ?? ""],
        AudioPart audio => [audio.Transcript ?? ""],
        FilePart file => [file.Text ?? ""],
        _ => [],
    };

    static IEnumerable<ToolCallPart> Orders(string read, string secret)
    {
        foreach (Match match in OrderStart().Matches(read))
        {
            var json = Encoding.UTF8.GetBytes(Expand(read[(match.Index + match.Length)..], secret));
            var call = TryRead(json) is { } arguments ? new ToolCallPart(match.Groups["name"].Value, arguments) : null;
            if (call is not null)
            {
                yield return call;
            }
        }
    }

    static JsonElement? TryRead(byte[] json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return JsonElement.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static string Expand(string text, string secret) => Placeholder().Replace(text, match =>
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        var how = match.Groups["how"].Value;
        return how switch
        {
            "" => secret,
            "base64" => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_'),
            "hex" => Convert.ToHexStringLower(bytes),
            "reversed" => new string([.. secret.Reverse()]),
            "rot13" => new string([.. secret.Select(c => char.IsAsciiLetterLower(c) ? (char)('a' + ((c - 'a' + 13) % 26)) : c)]),
            "percent" => string.Concat(bytes.Select(b => $"%{b:X2}")),
            "upper" => secret.ToUpperInvariant(),
            // What is written like this is not what stands in the text: one of the ways to write it that a secret may choose.
            "none" => "",
            _ when int.TryParse(how, NumberStyles.None, CultureInfo.InvariantCulture, out var third) =>
                secret.Substring((third - 1) * secret.Length / 3, (third * secret.Length / 3) - ((third - 1) * secret.Length / 3)),
            // "[i]": one letter.
            _ => secret[int.Parse(how.Trim('[', ']'), CultureInfo.InvariantCulture)].ToString(),
        };
    }).Replace("((", "[[", StringComparison.Ordinal).Replace("))", "]]", StringComparison.Ordinal);

    [GeneratedRegex(@"The PIN is (?<secret>[a-z0-9]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Secret();

    [GeneratedRegex(@"\[\[(?<name>[a-z_.]+) (?=\{)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex OrderStart();

    [GeneratedRegex(@"\{secret(:(?<how>[a-z0-9]+|\[\d+\]))?\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Placeholder();
}
