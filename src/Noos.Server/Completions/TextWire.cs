using System.Text.Json.Serialization;
using Noos.Kernel.Cpu;
using Noos.Server.OpenAi;

namespace Noos.Server.Completions;

/// <summary>An answer of the legacy API, or a piece of one, which looks alike.</summary>
sealed record TextBody(string Id, long Created, string Model, IReadOnlyList<TextChoice> Choices, Usage? Usage = null)
{
    public string Object => "text_completion";
}

/// <param name="Index">Which answer.</param>
/// <param name="Text">What the model wrote.</param>
/// <param name="Logprobs">How likely its tokens were; null where nobody asked.</param>
/// <param name="FinishReason">Null in a stream until it is over.</param>
sealed record TextChoice(
    int Index,
    string Text,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] TextLogProbabilities? Logprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);

/// <param name="Tokens">As text.</param>
/// <param name="TokenLogprobs">Natural logarithms.</param>
/// <param name="TopLogprobs">The likeliest in the place of each.</param>
/// <param name="TextOffset">Where each begins in the text.</param>
sealed record TextLogProbabilities(
    IReadOnlyList<string> Tokens, IReadOnlyList<float> TokenLogprobs, IReadOnlyList<IReadOnlyDictionary<string, float>> TopLogprobs,
    IReadOnlyList<int> TextOffset)
{
    /// <param name="tokens">Those of the text.</param>
    /// <param name="offset">Where the first begins; moved behind the last.</param>
    public static TextLogProbabilities? From(IReadOnlyList<ScoredToken> tokens, ref int offset)
    {
        if (tokens.Count == 0)
        {
            return null;
        }

        var offsets = new List<int>(tokens.Count);
        foreach (var token in tokens)
        {
            offsets.Add(offset);
            offset += token.Text.Length;
        }

        return new TextLogProbabilities(
            [.. tokens.Select(token => token.Text)],
            [.. tokens.Select(Probability)],
            [
                .. tokens.Select(token =>
                    token.Top.DistinctBy(top => top.Text).ToDictionary(top => top.Text, Probability, StringComparer.Ordinal)),
            ],
            offsets);
    }

    static float Probability(ScoredToken token) => TokenLogProbability.From(token, top: null).Logprob;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TextBody))]
sealed partial class TextJson : JsonSerializerContext;
